// Sixteen float lanes over float or bfloat16 memory, in the compiler's own vector types, so that one kernel text serves
// every x86-64 (and any other) processor that the library is built for.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstring>
#include <type_traits>

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

namespace supernet {

constexpr int64_t kLanes = 16;

typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float)), aligned(4)));
typedef int32_t LaneMask __attribute__((vector_size(kLanes * sizeof(int32_t)), aligned(4)));
typedef uint32_t LaneBits __attribute__((vector_size(kLanes * sizeof(uint32_t)), aligned(4)));
typedef uint16_t HalfBits __attribute__((vector_size(kLanes * sizeof(uint16_t)), aligned(2)));

inline Lanes load(const float *from) {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof(lanes));
    return lanes;
}

inline Lanes load(const c10::BFloat16 *from) {
    HalfBits half;
    std::memcpy(&half, from, sizeof(half));
    const LaneBits bits = __builtin_convertvector(half, LaneBits) << 16;
    Lanes lanes;
    std::memcpy(&lanes, &bits, sizeof(lanes));
    return lanes;
}

inline void store(float *to, Lanes lanes) { std::memcpy(to, &lanes, sizeof(lanes)); }

inline void store(c10::BFloat16 *to, Lanes lanes) {
#ifdef __AVX512BF16__
    __m512 whole;
    std::memcpy(&whole, &lanes, sizeof(whole));
    const __m256bh half = _mm512_cvtneps_pbh(whole);
    std::memcpy(to, &half, sizeof(half));
#else
    LaneBits bits;
    std::memcpy(&bits, &lanes, sizeof(bits));
    // Round to nearest, ties to even; a NaN must stay one, whatever its payload.
    const LaneBits rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    const LaneMask nan = lanes != lanes;
    const HalfBits half = __builtin_convertvector(nan ? (LaneBits{} + 0x7FC0) : rounded, HalfBits);
    std::memcpy(to, &half, sizeof(half));
#endif
}

/// A count of lanes that is known when the code is compiled: all of them.
using AllLanes = std::integral_constant<int64_t, kLanes>;

template <typename T>
inline Lanes load(const T *from, AllLanes) {
    return load(from);
}

template <typename T>
inline void store(T *to, Lanes lanes, AllLanes) {
    store(to, lanes);
}

/// The first `count` lanes from memory, the rest zero.
template <typename T>
inline Lanes load(const T *from, int64_t count) {
    T padded[kLanes] = {};
    std::memcpy(padded, from, count * sizeof(T));
    return load(padded);
}

/// The first `count` lanes to memory.
template <typename T>
inline void store(T *to, Lanes lanes, int64_t count) {
    T padded[kLanes];
    store(padded, lanes);
    std::memcpy(to, padded, count * sizeof(T));
}

/// Runs `body(first, count)` over `length` values, sixteen at a time. The count is `AllLanes` but for what is left at
/// the end, so that the body is compiled once without any care for ends.
template <typename Body>
inline __attribute__((always_inline)) void each_lanes(int64_t length, const Body &body) {
    int64_t first = 0;
    for (; first + kLanes <= length; first += kLanes) body(first, AllLanes());
    if (first < length) body(first, length - first);
}

inline Lanes zero() { return Lanes{}; }

/// Where ReLU lets values and their gradients through, given its input or its result. A comparison with NaN is false, so
/// that the test must be for what is held back: NaN goes through, as in libtorch.
inline LaneMask passes(Lanes lanes) { return ~(lanes <= zero()); }

inline Lanes positive_part(Lanes lanes) { return passes(lanes) ? lanes : zero(); }

}  // namespace supernet
