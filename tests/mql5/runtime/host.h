/* The terminal that a program runs in: a handful of calls into the host. tests/mql5/host/calls.rs has the same table. */
#ifndef MQL5_HOST_H
#define MQL5_HOST_H

#include "types.h"
#include "values.h"

namespace rt {

/* What a property is of. */
enum class of : i32 { account, terminal, program, symbol, position, order, past_deal, past_order };

struct trade_request {
    i32 action, type, type_filling, type_time;
    u64 magic, order, position, position_by, deviation;
    double volume, price, stoplimit, sl, tp;
    i64 expiration;
    const char *symbol, *comment;
};

struct trade_result {
    u32 retcode, sent;
    u64 deal, order;
    double volume, price;
};

struct quote {
    i64 time_msc;
    double bid, ask;
};

struct host_calls {
    u64 size;
    void *(*import)(const char *library, const char *name);
    i64 (*call)(i32 function, i64 a, i64 b, const char *text);
    i64 (*integer)(i32 of, const char *name, u64 ticket, i32 property);
    double (*real)(i32 of, const char *name, u64 ticket, i32 property);
    /* Writes at most `capacity` bytes; the number of bytes that the text has. */
    u32 (*text)(i32 of, const char *name, u64 ticket, i32 property, char *buffer, u32 capacity);
    void (*say)(i32 function, const char *text);
    i32 (*quote_of)(const char *symbol, quote *out);
    i32 (*margin)(i32 type, const char *symbol, double volume, double price, double *out);
    void (*order_send)(const trade_request *request, trade_result *out);
};

extern const host_calls *host;

struct import_slot {
    const char *library, *name;
    void *function;
};

inline std::u16string widen(const char *bytes, size_t count)
{
    std::u16string wide;
    for (size_t at = 0; at < count;) {
        unsigned char lead = static_cast<unsigned char>(bytes[at]);
        size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        u32 code = more == 0 ? lead : more == 1 ? lead & 0x1fu : more == 2 ? lead & 0x0fu : lead & 0x07u;
        for (size_t i = 1; i <= more && at + i < count; i++)
            code = code << 6 | (static_cast<unsigned char>(bytes[at + i]) & 0x3fu);
        at += more + 1;
        if (code >= 0x10000) {
            wide += static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10));
            wide += static_cast<char16_t>(0xdc00 + ((code - 0x10000) & 0x3ff));
        } else {
            wide += static_cast<char16_t>(code);
        }
    }
    return wide;
}

inline std::string narrow(const std::u16string &text)
{
    std::string bytes;
    for (size_t at = 0; at < text.size(); at++) {
        u32 code = text[at];
        if (code >= 0xd800 && code < 0xdc00 && at + 1 < text.size())
            code = 0x10000 + ((code - 0xd800) << 10) + (text[++at] - 0xdc00u);
        if (code < 0x80) {
            bytes += static_cast<char>(code);
        } else if (code < 0x800) {
            bytes += static_cast<char>(0xc0 | (code >> 6));
            bytes += static_cast<char>(0x80 | (code & 0x3f));
        } else if (code < 0x10000) {
            bytes += static_cast<char>(0xe0 | (code >> 12));
            bytes += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
            bytes += static_cast<char>(0x80 | (code & 0x3f));
        } else {
            bytes += static_cast<char>(0xf0 | (code >> 18));
            bytes += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
            bytes += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
            bytes += static_cast<char>(0x80 | (code & 0x3f));
        }
    }
    return bytes;
}

inline string text_of(of what, const char *name, u64 ticket, i32 property)
{
    /* The host's own, not the program's: a pattern in all of it would cost more than the text. */
    __attribute__((uninitialized)) char buffer[1024];
    u32 length = host->text(static_cast<i32>(what), name, ticket, property, buffer, sizeof buffer);
    if (length > sizeof buffer)
        critical("the host's text is too long");
    return string(widen(buffer, length));
}

/* What the user gave for an input, or its usual value. */
inline string input(const char *name, const string &usual)
{
    string given = text_of(of::program, name, 0, 0);
    return given == string() ? usual : given;
}
inline bool input(const char *name, bool usual)
{
    string given = text_of(of::program, name, 0, 0);
    return given == string() ? usual : given == string(u"true");
}

inline i64 call(function which, i64 a = 0, i64 b = 0, const char *text = "")
{
    return host->call(static_cast<i32>(which), a, b, text);
}

/* An argument of an imported function as C has it. */
template <class C, class M> inline C passed(M value)
{
    static_assert(std::is_same<C, M>::value, "the import's number is not of the header's type");
    return value;
}
template <class C, class M> inline C referred(M &value)
{
    using target = typename std::remove_pointer<C>::type;
    static_assert(std::is_const<target>::value == std::is_const<M>::value, "const here and not there");
    static_assert(sizeof(target) == sizeof(M), "not the struct that the header has");
    return reinterpret_cast<C>(&value);
}
template <class C, class M> inline C listed(view<M> items)
{
    using target = typename std::remove_pointer<C>::type;
    static_assert(std::is_const<target>::value == std::is_const<M>::value, "const here and not there");
    static_assert(sizeof(target) == sizeof(M), "not the item that the header has");
    return reinterpret_cast<C>(items.data());
}

template <class F, size_t N> struct parameter;
template <class R, class First, class... More, size_t N> struct parameter<R (*)(First, More...), N> {
    using type = typename parameter<R (*)(More...), N - 1>::type;
};
template <class R, class First, class... More> struct parameter<R (*)(First, More...), 0> {
    using type = First;
};
template <class F> struct parameters;
template <class R, class... A> struct parameters<R (*)(A...)> {
    static constexpr size_t count = sizeof...(A);
};

} // namespace rt

#endif
