// Crops, resizing and the other geometric operations, on top of the kernels.
#include "CPixels.h"
#include "kernel_table.h"
#include "workspace.h"

#include <string.h>

// The triangle filter of a resampling from `length` values to `out`, with values multiplied by `gain`. The arithmetic
// follows PyTorch's antialiased interpolation (which follows Pillow's).
static int make_filter(px_workspace *workspace, int slot, int length, int out, int antialias, float gain,
                       px_filter *filter) {
    const double scale = (double)length / out;
    const double stretch = antialias && scale > 1 ? scale : 1;
    const int taps = 2 * (int)(stretch + 1) + 1;
    int *first = px_scratch(workspace, slot, (size_t)out * (2 + (size_t)taps) * sizeof(int));
    if (!first) return -1;
    int *counts = first + out;
    float *weights = (float *)(counts + out);
    for (int i = 0; i < out; ++i) {
        double center = scale * (i + 0.5);
        // Without antialiasing the border repeats: positions are kept within the first and last middle.
        if (!antialias) {
            center = center < 0.5 ? 0.5 : center;
            center = center > length - 0.5 ? length - 0.5 : center;
        }
        int low = (int)(center - stretch + 0.5);
        int high = (int)(center + stretch + 0.5);
        low = low < 0 ? 0 : low;
        high = high > length ? length : high;
        float *row = weights + (size_t)i * taps;
        double total = 0;
        int count = 0;
        for (int j = low; j < high && j - low < taps; ++j) {
            double distance = (j - center + 0.5) / stretch;
            distance = distance < 0 ? -distance : distance;
            const double weight = distance < 1 ? 1 - distance : 0;
            row[j - low] = (float)weight;
            total += weight;
            if (weight > 0) count = j - low + 1;
        }
        for (int j = 0; j < count; ++j) row[j] = (float)(row[j] / total) * gain;
        first[i] = low;
        counts[i] = count;
    }
    filter->taps = taps;
    filter->first = first;
    filter->count = counts;
    filter->weights = weights;
    return 0;
}

int px_resize_u8(px_workspace *workspace, const uint8_t *source, int channels, int source_height, int source_width,
                 int top, int left, int height, int width, int out_height, int out_width, int antialias,
                 float *out) {
    (void)source_height;
    const px_kernels *kernels = px_current();
    const ptrdiff_t stride = (ptrdiff_t)source_width * channels;
    const int count = width * channels;
    const size_t plane = (size_t)out_height * out_width;
    px_filter rows, columns;
    if (make_filter(workspace, 0, height, out_height, antialias, 1.0f / 255.0f, &rows)) return -1;
    if (make_filter(workspace, 1, width, out_width, antialias, 1.0f, &columns)) return -1;
    float *combined = px_scratch(workspace, 2, ((size_t)count + 4) * sizeof(float));
    if (!combined) return -1;
    for (int past = 0; past < 4; ++past) combined[count + past] = 0;
    const uint8_t *corner = source + top * stride + (ptrdiff_t)left * channels;
    for (int y = 0; y < out_height; ++y) {
        kernels->combine_rows_u8(corner + rows.first[y] * stride, stride, rows.weights + (size_t)y * rows.taps,
                                 rows.count[y], count, combined);
        float *to = out + (size_t)y * out_width;
        if (channels == 3)
            kernels->resample_row_3(combined, &columns, out_width, to, to + plane, to + 2 * plane);
        else
            kernels->resample_row_1(combined, &columns, out_width, to);
    }
    return 0;
}

int px_resize_f32(px_workspace *workspace, const float *source, int channels, int source_height, int source_width,
                  int top, int left, int height, int width, int out_height, int out_width, int antialias, float *out) {
    const px_kernels *kernels = px_current();
    px_filter rows, columns;
    if (make_filter(workspace, 0, height, out_height, antialias, 1.0f, &rows)) return -1;
    if (make_filter(workspace, 1, width, out_width, antialias, 1.0f, &columns)) return -1;
    float *combined = px_scratch(workspace, 2, ((size_t)width + 4) * sizeof(float));
    if (!combined) return -1;
    for (int c = 0; c < channels; ++c) {
        const float *corner = source + ((size_t)c * source_height + top) * source_width + left;
        for (int y = 0; y < out_height; ++y) {
            kernels->combine_rows_f32(corner + (ptrdiff_t)rows.first[y] * source_width, source_width,
                                      rows.weights + (size_t)y * rows.taps, rows.count[y], width, combined);
            kernels->resample_row_1(combined, &columns, out_width, out + ((size_t)c * out_height + y) * out_width);
        }
    }
    return 0;
}

// The part of first ..< first + length that lies in 0 ..< limit, relative to `first`.
static void overlap(int first, int length, int limit, int *from, int *to) {
    *from = first < 0 ? -first : 0;
    *to = first + length > limit ? limit - first : length;
    if (*from > length) *from = length;
    if (*to < *from) *to = *from;
}

void px_crop_u8(const uint8_t *source, int channels, int source_height, int source_width, int top, int left, int height,
                int width, float *out) {
    const px_kernels *kernels = px_current();
    const size_t plane = (size_t)height * width;
    int y0, y1, x0, x1;
    overlap(top, height, source_height, &y0, &y1);
    overlap(left, width, source_width, &x0, &x1);
    if (y0 > 0 || x0 > 0 || y1 < height || x1 < width) memset(out, 0, plane * channels * sizeof(float));
    if (x1 == x0) return;
    for (int y = y0; y < y1; ++y) {
        const uint8_t *row = source + ((size_t)(top + y) * source_width + (size_t)(left + x0)) * channels;
        kernels->bytes_to_planes(row, channels, x1 - x0, out + (size_t)y * width + x0, plane);
    }
}

void px_crop_f32(const float *source, int channels, int source_height, int source_width, int top, int left, int height,
                 int width, float *out) {
    int y0, y1, x0, x1;
    overlap(top, height, source_height, &y0, &y1);
    overlap(left, width, source_width, &x0, &x1);
    memset(out, 0, (size_t)height * width * channels * sizeof(float));
    if (x1 == x0) return;
    for (int c = 0; c < channels; ++c)
        for (int y = y0; y < y1; ++y) {
            const float *row = source + ((size_t)c * source_height + (size_t)(top + y)) * source_width;
            memcpy(out + ((size_t)c * height + y) * width + x0, row + left + x0, (size_t)(x1 - x0) * sizeof(float));
        }
}

void px_flip_horizontal(float *image, int channels, int height, int width) {
    const px_kernels *kernels = px_current();
    const size_t rows = (size_t)channels * height;
    for (size_t row = 0; row < rows; ++row) kernels->reverse(image + row * width, width);
}

void px_flip_vertical(float *image, int channels, int height, int width) {
    for (int c = 0; c < channels; ++c) {
        float *plane = image + (size_t)c * height * width;
        for (int y = 0; y < height / 2; ++y) {
            float *upper = plane + (size_t)y * width, *lower = plane + (size_t)(height - 1 - y) * width;
            for (int x = 0; x < width; ++x) {
                const float keep = upper[x];
                upper[x] = lower[x];
                lower[x] = keep;
            }
        }
    }
}

void px_affine(const float *source, int channels, int height, int width, const float *matrix, int bilinear, float fill,
               float *out) {
    px_current()->affine(source, channels, height, width, matrix, bilinear, fill, out);
}

void px_fill_box(float *plane, int width, int top, int left, int box_height, int box_width, float value) {
    for (int y = top; y < top + box_height; ++y)
        for (int x = left; x < left + box_width; ++x) plane[(size_t)y * width + x] = value;
}
