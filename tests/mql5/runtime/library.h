/* The functions of MQL5 that the programs use, and no others: a call of what is not here does not compile. Every name of an
 * MQL5 program has the prefix `mql_` here, so that nothing of C++'s own can be meant by accident. */
#ifndef MQL5_LIBRARY_H
#define MQL5_LIBRARY_H

#include "host.h"
#include "structs.h"

#include <cmath>
#include <cstdarg>

using rt::i16;
using rt::i32;
using rt::i64;
using rt::i8;
using rt::of;
using rt::u16;
using rt::u32;
using rt::u64;
using rt::u8;

/* ---- conversion ---- */

inline rt::string mql_IntegerToString(i64 number) { return rt::string(std::to_string(number)); }

inline rt::string mql_DoubleToString(double value, i32 digits)
{
    if (digits < 0 || digits > 16)
        rt::critical("DoubleToString: digits beyond 0 to 16");
    char buffer[400];
    snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return rt::string(std::string(buffer));
}

/* Up to `count` bytes, or the end, or a zero. */
inline rt::string mql_CharArrayToString(rt::view<const u8> bytes, i32 start, i32 count, u32 codepage)
{
    if (codepage != mql_CP_UTF8 || start < 0)
        rt::critical("CharArrayToString: only UTF-8, from its beginning on");
    size_t from = static_cast<size_t>(start), end = bytes.size();
    if (count >= 0 && from + static_cast<size_t>(count) < end)
        end = from + static_cast<size_t>(count);
    size_t last = from;
    while (last < end && bytes.data()[last] != 0)
        last++;
    if (last <= from)
        return rt::string();
    return rt::string(std::string(reinterpret_cast<const char *>(bytes.data()) + from, last - from));
}

/* With its zero; a dynamic array grows to it and does not shrink. */
inline i32 mql_StringToCharArray(const rt::string &text, rt::view<u8> bytes, i32 start, i32 count, u32 codepage)
{
    if (codepage != mql_CP_UTF8 || start != 0 || count != -1)
        rt::critical("StringToCharArray: only all of it, in UTF-8");
    std::string utf8 = text.utf8();
    size_t size = utf8.size() + 1;
    if (bytes.size() < size)
        bytes.resize(static_cast<i64>(size), 0);
    memcpy(bytes.data(), utf8.c_str(), size);
    return static_cast<i32>(size);
}

inline i32 mql_StringLen(const rt::string &text) { return static_cast<i32>(text.wide().size()); }

inline i32 mql_StringFind(const rt::string &text, const rt::string &what, i32 start = 0)
{
    size_t at = text.wide().find(what.wide(), static_cast<size_t>(start < 0 ? 0 : start));
    return at == std::u16string::npos ? -1 : static_cast<i32>(at);
}

inline rt::string mql_StringSubstr(const rt::string &text, i32 start, i32 length = -1)
{
    if (start < 0 || static_cast<size_t>(start) >= text.wide().size())
        return rt::string();
    return rt::string(text.wide().substr(static_cast<size_t>(start),
                                         length < 0 ? std::u16string::npos : static_cast<size_t>(length)));
}

/* ---- numbers, arrays, memory ---- */

inline bool mql_MathIsValidNumber(double value) { return std::isfinite(value); }
inline double mql_MathAbs(double value) { return std::fabs(value); }

template <class A> inline auto as_view(A &items) -> rt::view<std::remove_reference_t<decltype(items[0])>> { return items; }
template <class A> inline i32 mql_ArraySize(A &&items) { return static_cast<i32>(as_view(items).size()); }
template <class A> inline i32 mql_ArrayResize(A &&items, i32 size, i32 reserve = 0)
{
    return as_view(items).resize(size, reserve) ? size : -1;
}

/* The bytes of a struct of numbers. */
template <class T> inline bool mql_StructToCharArray(const T &value, rt::view<u8> bytes)
{
    static_assert(std::is_trivially_copyable<T>::value, "a struct of numbers");
    if (!bytes.resize(static_cast<i64>(sizeof value), 0))
        return false;
    memcpy(bytes.data(), &value, sizeof value);
    return true;
}

/* Numbers and structs of such; strings in a struct become empty. */
template <class T> inline void mql_ZeroMemory(T &value)
{
    if constexpr (std::is_trivially_copyable<T>::value)
        memset(static_cast<void *>(&value), 0, sizeof value);
    else
        value = T{};
}

/* ---- the program and its environment ---- */

inline void say(rt::function which, const rt::string &text)
{
    rt::host->say(static_cast<i32>(which), text.utf8().c_str());
}
inline void mql_Print(const rt::string &text) { say(rt::function::Print, text); }
inline void mql_Comment(const rt::string &text) { say(rt::function::Comment, text); }
inline void mql_Alert(const rt::string &text) { say(rt::function::Alert, text); }
inline i32 mql_GetLastError() { return static_cast<i32>(rt::call(rt::function::GetLastError)); }
inline void mql_ResetLastError() { rt::call(rt::function::ResetLastError); }
inline u64 mql_GetTickCount64() { return static_cast<u64>(rt::call(rt::function::GetTickCount64)); }
inline u64 mql_GetMicrosecondCount() { return static_cast<u64>(rt::call(rt::function::GetMicrosecondCount)); }
inline i64 mql_TimeCurrent() { return rt::call(rt::function::TimeCurrent); }
inline bool mql_IsStopped() { return rt::call(rt::function::IsStopped) != 0; }
inline bool mql_EventSetMillisecondTimer(i32 ms) { return rt::call(rt::function::EventSetMillisecondTimer, ms) != 0; }
inline void mql_EventKillTimer() { rt::call(rt::function::EventKillTimer); }
inline bool mql_EventChartCustom(i64 chart, u16 event, i64 lparam, double dparam, const rt::string &sparam)
{
    if (chart != 0 || dparam != 0.0)
        rt::critical("EventChartCustom: only to the own chart, without a dparam");
    return rt::call(rt::function::EventChartCustom, event, lparam, sparam.utf8().c_str()) != 0;
}
inline i64 mql_TerminalInfoInteger(mql_ENUM_TERMINAL_INFO_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::terminal), "", 0, p);
}
inline rt::string mql_TerminalInfoString(mql_ENUM_TERMINAL_INFO_STRING p) { return rt::text_of(of::terminal, "", 0, p); }
inline i64 mql_MQLInfoInteger(mql_ENUM_MQL_INFO_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::program), "", 0, p);
}
inline i64 mql_AccountInfoInteger(mql_ENUM_ACCOUNT_INFO_INTEGER p)
{
    return rt::host->integer(static_cast<i32>(of::account), "", 0, p);
}
inline double mql_AccountInfoDouble(mql_ENUM_ACCOUNT_INFO_DOUBLE p)
{
    return rt::host->real(static_cast<i32>(of::account), "", 0, p);
}
inline rt::string mql_AccountInfoString(mql_ENUM_ACCOUNT_INFO_STRING p) { return rt::text_of(of::account, "", 0, p); }


/* ---- objects on the own chart: by name, with a text; where they stand is of no matter here ---- */

inline void own_chart(i64 chart)
{
    if (chart != 0)
        rt::critical("only the own chart");
}
inline bool mql_ObjectCreate(i64 chart, const rt::string &name, mql_ENUM_OBJECT kind, i32 window, i64 time, double price)
{
    own_chart(chart);
    if (window != 0 || time != 0 || price != 0.0)
        rt::critical("ObjectCreate: a label or a button stands at pixels");
    return rt::call(rt::function::ObjectCreate, kind, 0, name.utf8().c_str()) != 0;
}
inline bool mql_ObjectSetInteger(i64 chart, const rt::string &name, mql_ENUM_OBJECT_PROPERTY_INTEGER property, i64 value)
{
    own_chart(chart);
    if (property != mql_OBJPROP_STATE)
        return true;
    return rt::call(rt::function::ObjectSetState, value, 0, name.utf8().c_str()) != 0;
}
inline i64 mql_ObjectGetInteger(i64 chart, const rt::string &name, mql_ENUM_OBJECT_PROPERTY_INTEGER property)
{
    own_chart(chart);
    if (property != mql_OBJPROP_STATE)
        rt::critical("ObjectGetInteger: only whether a button is pressed");
    return rt::call(rt::function::ObjectGetState, 0, 0, name.utf8().c_str());
}
inline bool mql_ObjectSetString(i64 chart, const rt::string &name, mql_ENUM_OBJECT_PROPERTY_STRING property,
                                const rt::string &text)
{
    own_chart(chart);
    if (text.wide().size() > 63)
        rt::critical("ObjectSetString: a label takes 63 characters");
    if (property != mql_OBJPROP_TEXT)
        return true;
    return rt::call(rt::function::ObjectSetText, 0, 0, (name.utf8() + "\n" + text.utf8()).c_str()) != 0;
}
inline bool mql_ObjectDelete(i64 chart, const rt::string &name)
{
    own_chart(chart);
    return rt::call(rt::function::ObjectDelete, 0, 0, name.utf8().c_str()) != 0;
}
inline i32 mql_ObjectsDeleteAll(i64 chart, const rt::string &prefix)
{
    own_chart(chart);
    return static_cast<i32>(rt::call(rt::function::ObjectsDeleteAll, 0, 0, prefix.utf8().c_str()));
}
inline void mql_ChartRedraw(i64 chart)
{
    own_chart(chart);
    rt::call(rt::function::ChartRedraw);
}

#include "trade.h"

#endif
