// Sixteen floats that are computed with as one; the compiler splits them where registers are narrower.
// Every function that takes or returns them is inlined, so the calling convention that this warns of is not used.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float lanes __attribute__((vector_size(64)));
typedef uint8_t byte_lanes __attribute__((vector_size(16)));
enum { LANES = 16 };

static inline __attribute__((always_inline)) lanes load_lanes(const float *from) {
    lanes value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline __attribute__((always_inline)) void store_lanes(float *to, lanes value) {
    memcpy(to, &value, sizeof value);
}

static inline __attribute__((always_inline)) lanes load_byte_lanes(const uint8_t *from) {
    byte_lanes value;
    memcpy(&value, from, sizeof value);
    return __builtin_convertvector(value, lanes);
}

static inline __attribute__((always_inline)) float clamp_unit(float value) {
    float low = value > 0.0f ? value : 0.0f;
    return low < 1.0f ? low : 1.0f;
}

// The ITU-R 601 weights as torchvision rounds them.
static inline __attribute__((always_inline)) float luma(float red, float green, float blue) {
    return 0.2989f * red + 0.587f * green + 0.114f * blue;
}
