// Gaussian blur and the operations that only pass their arguments to the kernels.
#include "CPixels.h"
#include "kernel_table.h"
#include "workspace.h"

#include <math.h>
#include <string.h>

// The position that a mirror at the borders shows: -1 is 1, length is length - 2. An image smaller than the kernel
// is mirrored as often as needed; of a single pixel, it is that pixel.
static int reflect(int position, int length) {
    if (length == 1) return 0;
    const int period = 2 * (length - 1);
    position %= period;
    if (position < 0) position += period;
    return position < length ? position : period - position;
}

// The kernel's upper half, in the order middle, 1, 2 ...; returns how far it reaches.
static int gaussian_weights(int radius, double sigma, float *weights) {
    double total = 1;
    for (int k = 1; k <= radius; ++k) total += 2 * exp(-0.5 * (k / sigma) * (k / sigma));
    int reach = 0;
    for (int k = 0; k <= radius; ++k) {
        const double weight = exp(-0.5 * (k / sigma) * (k / sigma)) / total;
        weights[k] = (float)weight;
        if (weight >= 1.5e-8) reach = k;
    }
    return reach;
}

int px_gaussian_blur(px_workspace *workspace, const float *source, int channels, int height, int width,
                     int kernel_size, double sigma, float *out) {
    const px_kernels *kernels = px_current();
    const int radius = kernel_size / 2;
    float *weights = px_scratch(workspace, 3, ((size_t)radius + 1) * sizeof(float));
    if (!weights) return -1;
    const int reach = gaussian_weights(radius, sigma, weights);
    if (reach == 0) {
        memcpy(out, source, (size_t)channels * height * width * sizeof(float));
        return 0;
    }
    const float **rows = px_scratch(workspace, 4, (2 * (size_t)reach + 1) * sizeof(float *));
    float *line = px_scratch(workspace, 5, ((size_t)width + 2 * (size_t)reach) * sizeof(float));
    if (!rows || !line) return -1;
    float *middle = line + reach;
    for (int c = 0; c < channels; ++c) {
        const float *plane = source + (size_t)c * height * width;
        for (int y = 0; y < height; ++y) {
            rows[0] = plane + (size_t)y * width;
            for (int k = 1; k <= reach; ++k) {
                rows[2 * k - 1] = plane + (size_t)reflect(y - k, height) * width;
                rows[2 * k] = plane + (size_t)reflect(y + k, height) * width;
            }
            kernels->blur_column(rows, weights, reach, width, middle);
            for (int k = 1; k <= reach; ++k) {
                middle[-k] = middle[reflect(-k, width)];
                middle[width - 1 + k] = middle[reflect(width - 1 + k, width)];
            }
            kernels->blur_row(middle, weights, reach, width, out + ((size_t)c * height + y) * width);
        }
    }
    return 0;
}

void px_sharpness(const float *source, int channels, int height, int width, float factor, float *out) {
    const size_t plane = (size_t)height * width;
    if (height < 3 || width < 3) {
        memcpy(out, source, plane * channels * sizeof(float));
        return;
    }
    for (int c = 0; c < channels; ++c)
        px_current()->sharpness(source + c * plane, height, width, factor, out + c * plane);
}

void px_brightness(float *image, size_t count, float factor) { px_current()->brightness(image, count, factor); }

void px_contrast(float *image, int channels, size_t plane, float factor) {
    px_current()->contrast(image, channels, plane, factor);
}

void px_saturation(float *image, size_t plane, float factor) { px_current()->saturation(image, plane, factor); }

void px_hue(float *image, size_t plane, float shift) { px_current()->hue(image, plane, shift); }

void px_grayscale(float *image, size_t plane) { px_current()->grayscale(image, plane); }

void px_invert(float *image, size_t count) { px_current()->invert(image, count); }

void px_solarize(float *image, size_t count, float threshold) { px_current()->solarize(image, count, threshold); }

void px_posterize(float *image, size_t count, int bits) { px_current()->posterize(image, count, bits); }

void px_autocontrast(float *image, int channels, size_t plane) {
    for (int c = 0; c < channels; ++c) px_current()->autocontrast(image + c * plane, plane);
}

void px_equalize(float *image, int channels, size_t plane) {
    for (int c = 0; c < channels; ++c) px_current()->equalize(image + c * plane, plane);
}

void px_normalize_planar(const float *image, int channels, size_t plane, const float *mean, const float *std,
                         float *out) {
    for (int c = 0; c < channels; ++c)
        px_current()->normalize_plane(image + c * plane, plane, mean[c], std[c], out + c * plane);
}

void px_normalize_interleaved(const float *image, int channels, size_t plane, const float *mean, const float *std,
                              float *out) {
    if (channels == 3)
        px_current()->normalize_interleaved_3(image, plane, mean, std, out);
    else
        px_normalize_planar(image, channels, plane, mean, std, out);
}
