// The kernels of one instruction set. Each kernels_*.c file includes kernels.h under its own target attribute and
// defines one table.
#ifndef CPIXELS_KERNEL_TABLE_H
#define CPIXELS_KERNEL_TABLE_H

#include <stddef.h>
#include <stdint.h>

/// Where each output position of a resampling begins to read, and the weights that it reads with.
typedef struct {
    /// How many weights each position has room for.
    int taps;
    /// The first source position, one for each output position.
    int *first;
    /// `taps` weights for each output position; those not needed are 0 at the end.
    float *weights;
    /// How many of them count.
    int *count;
} px_filter;

typedef struct {
    void (*combine_rows_u8)(const uint8_t *source, ptrdiff_t stride, const float *weights, int taps, int count,
                            float *out);
    void (*combine_rows_f32)(const float *source, ptrdiff_t stride, const float *weights, int taps, int count,
                             float *out);
    void (*resample_row_1)(const float *row, const px_filter *filter, int count, float *out);
    void (*resample_row_3)(const float *row, const px_filter *filter, int count, float *red, float *green, float *blue);
    void (*bytes_to_planes)(const uint8_t *source, int channels, int count, float *out, size_t plane);
    void (*reverse)(float *row, int count);
    void (*affine)(const float *source, int channels, int height, int width, const float *matrix, int bilinear,
                   float fill, float *out);

    void (*brightness)(float *image, size_t count, float factor);
    void (*contrast)(float *image, int channels, size_t plane, float factor);
    void (*saturation)(float *image, size_t plane, float factor);
    void (*hue)(float *image, size_t plane, float shift);
    void (*grayscale)(float *image, size_t plane);
    void (*invert)(float *image, size_t count);
    void (*solarize)(float *image, size_t count, float threshold);
    void (*posterize)(float *image, size_t count, int bits);
    void (*autocontrast)(float *plane, size_t count);
    void (*equalize)(float *plane, size_t count);

    void (*blur_column)(const float *const *rows, const float *weights, int radius, int count, float *out);
    void (*blur_row)(const float *padded, const float *weights, int radius, int count, float *out);
    void (*sharpness)(const float *source, int height, int width, float factor, float *out);

    void (*normalize_plane)(const float *image, size_t count, float mean, float std, float *out);
    void (*normalize_interleaved_3)(const float *image, size_t plane, const float *mean, const float *std, float *out);
} px_kernels;

extern const px_kernels px_kernels_portable;
#if defined(__x86_64__)
extern const px_kernels px_kernels_avx2;
extern const px_kernels px_kernels_avx512;
#endif

/// The kernels in use.
const px_kernels *px_current(void);

#endif
