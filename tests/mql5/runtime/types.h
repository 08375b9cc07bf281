/* MQL5's own types in C++: strings of UTF-16, dynamic arrays, arrays of a fixed size, and the view of either that a
 * function gets. What MQL5 ends a program for, ends it here: an index out of range, a fixed array that shall grow. */
#ifndef MQL5_TYPES_H
#define MQL5_TYPES_H

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace rt {

using i8 = int8_t;
using u8 = uint8_t;
using i16 = int16_t;
using u16 = uint16_t;
using i32 = int32_t;
using u32 = uint32_t;
using i64 = int64_t;
using u64 = uint64_t;

static_assert(sizeof(bool) == 1 && sizeof(i64) == 8 && sizeof(double) == 8, "MQL5's sizes");

/* A critical error: the terminal unloads the program. */
[[noreturn]] inline void critical(const char *what)
{
    fprintf(stderr, "critical error in the MQL5 program: %s\n", what);
    fflush(stderr);
    abort();
}

std::u16string widen(const char *bytes, size_t count);
std::string narrow(const std::u16string &text);

class string {
    std::u16string text;

public:
    string() = default;
    explicit string(const char16_t *given) : text(given) {}
    explicit string(std::u16string given) : text(std::move(given)) {}
    explicit string(const std::string &utf8) : text(widen(utf8.data(), utf8.size())) {}
    const std::u16string &wide() const { return text; }
    std::string utf8() const { return narrow(text); }
    string &operator+=(const string &more)
    {
        text += more.text;
        return *this;
    }
    friend string operator+(const string &a, const string &b) { return string(a.text + b.text); }
    friend bool operator==(const string &a, const string &b) { return a.text == b.text; }
    friend bool operator!=(const string &a, const string &b) { return a.text != b.text; }
    friend bool operator<(const string &a, const string &b) { return a.text < b.text; }
    friend bool operator>(const string &a, const string &b) { return a.text > b.text; }
};

inline size_t checked(i64 index, size_t size)
{
    if (index < 0 || static_cast<u64>(index) >= size)
        critical("array out of range");
    return static_cast<size_t>(index);
}

/* T name[]; */
template <class T> class array {
    std::vector<T> items;
    static_assert(!std::is_same<T, bool>::value, "arrays of bool are not translated");

public:
    array() = default;
    array(const array &) = delete;
    array &operator=(const array &) = delete;
    T &operator[](i64 index) { return items[checked(index, items.size())]; }
    const T &operator[](i64 index) const { return items[checked(index, items.size())]; }
    T *data() { return items.data(); }
    const T *data() const { return items.data(); }
    size_t size() const { return items.size(); }
    bool resize(i64 size, i64 reserve)
    {
        if (size < 0 || size > 0x7fffffff)
            return false;
        if (static_cast<u64>(size) > items.capacity())
            items.reserve(static_cast<size_t>(size + (reserve > 0 ? reserve : 0)));
        size_t before = items.size();
        items.resize(static_cast<size_t>(size));
        /* What is new holds what happens to be there. */
        if constexpr (std::is_trivially_copyable<T>::value) {
            if (items.size() > before)
                memset(static_cast<void *>(items.data() + before), 0xa5, (items.size() - before) * sizeof(T));
        }
        return true;
    }
};

/* T name[N]; */
template <class T, size_t N> struct fixed {
    T items[N];
    T &operator[](i64 index) { return items[checked(index, N)]; }
    const T &operator[](i64 index) const { return items[checked(index, N)]; }
};

/* T &name[]: what a function gets of either. */
template <class T> class view {
    using plain = typename std::remove_const<T>::type;
    using dynamic = typename std::conditional<std::is_const<T>::value, const array<plain>, array<plain>>::type;
    dynamic *whole = nullptr;
    T *first = nullptr;
    size_t count = 0;

public:
    view(array<plain> &from) : whole(&from) {}
    template <class U = T, class = typename std::enable_if<std::is_const<U>::value>::type>
    view(const array<plain> &from) : whole(&from)
    {
    }
    template <size_t N> view(fixed<plain, N> &from) : first(from.items), count(N) {}
    template <size_t N, class U = T, class = typename std::enable_if<std::is_const<U>::value>::type>
    view(const fixed<plain, N> &from) : first(from.items), count(N)
    {
    }
    template <class U = T, class = typename std::enable_if<std::is_const<U>::value>::type>
    view(const view<plain> &from) : whole(from.dynamic_part()), first(from.fixed_part()), count(from.fixed_size())
    {
    }
    dynamic *dynamic_part() const { return whole; }
    T *fixed_part() const { return first; }
    size_t fixed_size() const { return count; }
    size_t size() const { return whole ? whole->size() : count; }
    T *data() const { return whole ? whole->data() : first; }
    T &operator[](i64 index) const { return data()[checked(index, size())]; }
    bool resize(i64 to, i64 reserve) const
    {
        if (whole)
            return whole->resize(to, reserve);
        if (to < 0 || static_cast<u64>(to) > count)
            critical("a fixed array cannot grow");
        return true;
    }
};

} // namespace rt

#endif
