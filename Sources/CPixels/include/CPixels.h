/// Image kernels on planar float32 images.
///
/// An image is `channels` planes of `height * width` floats, 0 ... 1, one plane after another. Each kernel is compiled
/// for several instruction sets and the best one that the processor has is taken at run time. Floating-point
/// contraction is off and every sum has a fixed order, so that the results are the same bits on every one of them.
///
/// Callers pass sizes that are positive and buffers that are large enough; nothing is checked here.
#ifndef CPIXELS_H
#define CPIXELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction sets

/// The instruction sets that kernels are compiled for.
typedef enum {
    PX_PORTABLE = 0,
    PX_AVX2 = 1,
    PX_AVX512 = 2,
} px_level;

/// The best instruction set that this processor has.
px_level px_best_level(void);
/// Takes the kernels of `level` from now on, or of the best level below it that the processor has; returns the level
/// taken. For tests and measurements: results do not depend on it.
px_level px_use_level(px_level level);

// MARK: Scratch memory

/// Scratch memory that grows as kernels ask for it. One for each thread.
typedef struct px_workspace px_workspace;
/// NULL when memory is out.
px_workspace *px_workspace_create(void);
void px_workspace_destroy(px_workspace *workspace);
/// 64-byte aligned memory; NULL when memory is out. Its contents are undefined.
void *px_allocate(size_t bytes);
/// Gives back what `px_allocate` returned; NULL is allowed.
void px_release(void *memory);

// MARK: From bytes to planes, and geometry

/// Crops the box and resizes it bilinearly; `antialias` widens the filter when shrinking, as Pillow and PyTorch do.
/// The box must lie within the image. The source is interleaved, 8 bits a channel, with 1 or 3 channels.
/// Returns 0, or -1 when memory is out.
int px_resize_u8(px_workspace *workspace, const uint8_t *source, int channels, int source_height, int source_width,
                 int top, int left, int height, int width, int out_height, int out_width, int antialias,
                 float *out);
/// As `px_resize_u8` on planes.
int px_resize_f32(px_workspace *workspace, const float *source, int channels, int source_height, int source_width,
                  int top, int left, int height, int width, int out_height, int out_width, int antialias, float *out);
/// Copies a box that may reach outside the image, where it is 0.
void px_crop_u8(const uint8_t *source, int channels, int source_height, int source_width, int top, int left, int height,
                int width, float *out);
/// As `px_crop_u8` on planes.
void px_crop_f32(const float *source, int channels, int source_height, int source_width, int top, int left, int height,
                 int width, float *out);
/// Mirrors left and right, in place.
void px_flip_horizontal(float *image, int channels, int height, int width);
/// Mirrors top and bottom, in place.
void px_flip_vertical(float *image, int channels, int height, int width);
/// Samples the source at `matrix` (2x3, row by row) times the output's position. Positions are in pixels from the
/// image's centre. Outside the image everything is `fill`.
void px_affine(const float *source, int channels, int height, int width, const float *matrix, int bilinear, float fill,
               float *out);
/// Sets a box within one plane of the image to `value`.
void px_fill_box(float *plane, int width, int top, int left, int box_height, int box_width, float value);

// MARK: Colour, in place

/// `image * factor`, kept within 0 ... 1.
void px_brightness(float *image, size_t count, float factor);
/// Blends with the mean luma of the whole image.
void px_contrast(float *image, int channels, size_t plane, float factor);
/// Blends each pixel of a colour image with its luma.
void px_saturation(float *image, size_t plane, float factor);
/// Turns the hue of a colour image by `shift` of the whole circle.
void px_hue(float *image, size_t plane, float shift);
/// Replaces the three channels of a colour image by their luma.
void px_grayscale(float *image, size_t plane);
void px_invert(float *image, size_t count);
/// Inverts the values from `threshold` up.
void px_solarize(float *image, size_t count, float threshold);
/// Keeps the `bits` highest bits of each value, seen as 8 bits.
void px_posterize(float *image, size_t count, int bits);
/// Stretches each channel to 0 ... 1; a constant channel stays.
void px_autocontrast(float *image, int channels, size_t plane);
/// Equalises each channel's histogram of 256 bins, as Pillow does.
void px_equalize(float *image, int channels, size_t plane);

// MARK: Neighbourhoods

/// Separable Gaussian with reflected borders. `kernel_size` is odd. Weights below 1.5e-8 are left out, which changes a
/// result by less than 1e-6. `out` must not be `source`. Returns 0, or -1 when memory is out.
int px_gaussian_blur(px_workspace *workspace, const float *source, int channels, int height, int width,
                     int kernel_size, double sigma, float *out);
/// Blends with a 3x3 smoothing (5 in the middle, 1 around, over 13); borders stay. `out` must not be `source`.
void px_sharpness(const float *source, int channels, int height, int width, float factor, float *out);

// MARK: Out

/// `(image - mean) / std` for each channel, plane by plane.
void px_normalize_planar(const float *image, int channels, size_t plane, const float *mean, const float *std,
                         float *out);
/// `(image - mean) / std` for each channel, written channels last.
void px_normalize_interleaved(const float *image, int channels, size_t plane, const float *mean, const float *std,
                              float *out);

#ifdef __cplusplus
}
#endif
#endif
