// Bilinear resampling, in two passes: rows are combined first, straight from the source's layout, then each combined
// row is resampled along itself. Then byte conversion, mirroring and affine maps.

static void combine_rows_u8(const uint8_t *source, ptrdiff_t stride, const float *weights, int taps, int count,
                            float *out) {
    int x = 0;
    for (; x + 2 * LANES <= count; x += 2 * LANES) {
        lanes a = load_byte_lanes(source + x) * weights[0];
        lanes b = load_byte_lanes(source + x + LANES) * weights[0];
        for (int t = 1; t < taps; ++t) {
            const uint8_t *row = source + t * stride + x;
            a += load_byte_lanes(row) * weights[t];
            b += load_byte_lanes(row + LANES) * weights[t];
        }
        store_lanes(out + x, a);
        store_lanes(out + x + LANES, b);
    }
    for (; x < count; ++x) {
        float sum = (float)source[x] * weights[0];
        for (int t = 1; t < taps; ++t) sum += (float)source[t * stride + x] * weights[t];
        out[x] = sum;
    }
}

static void combine_rows_f32(const float *source, ptrdiff_t stride, const float *weights, int taps, int count,
                             float *out) {
    int x = 0;
    for (; x + LANES <= count; x += LANES) {
        lanes a = load_lanes(source + x) * weights[0];
        for (int t = 1; t < taps; ++t) a += load_lanes(source + t * stride + x) * weights[t];
        store_lanes(out + x, a);
    }
    for (; x < count; ++x) {
        float sum = source[x] * weights[0];
        for (int t = 1; t < taps; ++t) sum += source[t * stride + x] * weights[t];
        out[x] = sum;
    }
}

static void resample_row_1(const float *row, const px_filter *filter, int count, float *out) {
    for (int x = 0; x < count; ++x) {
        const float *from = row + filter->first[x];
        const float *weights = filter->weights + (size_t)x * filter->taps;
        float sum = from[0] * weights[0];
        for (int t = 1; t < filter->count[x]; ++t) sum += from[t] * weights[t];
        out[x] = sum;
    }
}

typedef float quad __attribute__((vector_size(16)));

// Three channels ride in one register of four; the row has room for one float past its end.
static void resample_row_3(const float *row, const px_filter *filter, int count, float *red, float *green,
                           float *blue) {
    for (int x = 0; x < count; ++x) {
        const float *from = row + 3 * (size_t)filter->first[x];
        const float *weights = filter->weights + (size_t)x * filter->taps;
        quad value, sum;
        memcpy(&value, from, sizeof value);
        sum = value * weights[0];
        for (int t = 1; t < filter->count[x]; ++t) {
            memcpy(&value, from + 3 * t, sizeof value);
            sum += value * weights[t];
        }
        red[x] = sum[0];
        green[x] = sum[1];
        blue[x] = sum[2];
    }
}

static void bytes_to_planes(const uint8_t *source, int channels, int count, float *restrict out, size_t plane) {
    for (int c = 0; c < channels; ++c) {
        float *restrict to = out + c * plane;
        for (int x = 0; x < count; ++x) to[x] = (float)source[x * channels + c] * (1.0f / 255.0f);
    }
}

static void reverse(float *row, int count) {
    for (int i = 0, j = count - 1; i < j; ++i, --j) {
        float keep = row[i];
        row[i] = row[j];
        row[j] = keep;
    }
}

static float sample(const float *plane, int height, int width, int y, int x) {
    return y >= 0 && y < height && x >= 0 && x < width ? plane[(size_t)y * width + x] : 0.0f;
}

static void affine(const float *source, int channels, int height, int width, const float *matrix, int bilinear,
                   float fill, float *out) {
    const size_t plane = (size_t)height * width;
    const float middle_x = 0.5f * (float)(width - 1), middle_y = 0.5f * (float)(height - 1);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const float dx = (float)x - middle_x, dy = (float)y - middle_y;
            float from_x = matrix[0] * dx + matrix[1] * dy + matrix[2] + middle_x;
            float from_y = matrix[3] * dx + matrix[4] * dy + matrix[5] + middle_y;
            // Far positions must not overflow the conversion to int; anything beyond two pixels outside is outside.
            from_x = from_x > -2.0f ? (from_x < (float)width + 1.0f ? from_x : (float)width + 1.0f) : -2.0f;
            from_y = from_y > -2.0f ? (from_y < (float)height + 1.0f ? from_y : (float)height + 1.0f) : -2.0f;
            float *to = out + (size_t)y * width + x;
            if (!bilinear) {
                const int nx = (int)__builtin_rintf(from_x), ny = (int)__builtin_rintf(from_y);
                const int inside = nx >= 0 && nx < width && ny >= 0 && ny < height;
                for (int c = 0; c < channels; ++c)
                    to[c * plane] = inside ? source[c * plane + (size_t)ny * width + nx] : fill;
                continue;
            }
            const int x0 = (int)__builtin_floorf(from_x), y0 = (int)__builtin_floorf(from_y);
            const float wx = from_x - (float)x0, wy = from_y - (float)y0;
            const float w00 = (1 - wy) * (1 - wx), w01 = (1 - wy) * wx, w10 = wy * (1 - wx), w11 = wy * wx;
            const int left = x0 >= 0 && x0 < width, right = x0 + 1 >= 0 && x0 + 1 < width;
            const int upper = y0 >= 0 && y0 < height, lower = y0 + 1 >= 0 && y0 + 1 < height;
            const float inside = (upper && left ? w00 : 0) + (upper && right ? w01 : 0) + (lower && left ? w10 : 0) +
                                 (lower && right ? w11 : 0);
            for (int c = 0; c < channels; ++c) {
                const float *from = source + c * plane;
                const float sum = w00 * sample(from, height, width, y0, x0) +
                                  w01 * sample(from, height, width, y0, x0 + 1) +
                                  w10 * sample(from, height, width, y0 + 1, x0) +
                                  w11 * sample(from, height, width, y0 + 1, x0 + 1);
                // With a fill the part outside weighs in twice, as in torchvision.
                to[c * plane] = fill == 0.0f ? sum : (sum - fill) * inside + fill;
            }
        }
    }
}
