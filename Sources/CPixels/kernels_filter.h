// Neighbourhood kernels and the last step out.

// rows[0] is the middle; rows[2k - 1] and rows[2k] lie k above and below it.
static void blur_column(const float *const *rows, const float *weights, int radius, int count, float *out) {
    int x = 0;
    for (; x + 2 * LANES <= count; x += 2 * LANES) {
        lanes a = load_lanes(rows[0] + x) * weights[0];
        lanes b = load_lanes(rows[0] + x + LANES) * weights[0];
        for (int k = 1; k <= radius; ++k) {
            const float *above = rows[2 * k - 1] + x, *below = rows[2 * k] + x;
            a += (load_lanes(above) + load_lanes(below)) * weights[k];
            b += (load_lanes(above + LANES) + load_lanes(below + LANES)) * weights[k];
        }
        store_lanes(out + x, a);
        store_lanes(out + x + LANES, b);
    }
    for (; x < count; ++x) {
        float sum = rows[0][x] * weights[0];
        for (int k = 1; k <= radius; ++k) sum += (rows[2 * k - 1][x] + rows[2 * k][x]) * weights[k];
        out[x] = sum;
    }
}

// `padded` points at the row's first value; `radius` values lie before it and after its end.
static void blur_row(const float *padded, const float *weights, int radius, int count, float *out) {
    int x = 0;
    for (; x + 2 * LANES <= count; x += 2 * LANES) {
        const float *at = padded + x;
        lanes a = load_lanes(at) * weights[0];
        lanes b = load_lanes(at + LANES) * weights[0];
        for (int k = 1; k <= radius; ++k) {
            a += (load_lanes(at - k) + load_lanes(at + k)) * weights[k];
            b += (load_lanes(at + LANES - k) + load_lanes(at + LANES + k)) * weights[k];
        }
        store_lanes(out + x, a);
        store_lanes(out + x + LANES, b);
    }
    for (; x < count; ++x) {
        float sum = padded[x] * weights[0];
        for (int k = 1; k <= radius; ++k) sum += (padded[x - k] + padded[x + k]) * weights[k];
        out[x] = sum;
    }
}

static void sharpness(const float *source, int height, int width, float factor, float *out) {
    memcpy(out, source, (size_t)height * width * sizeof(float));
    for (int y = 1; y < height - 1; ++y) {
        const float *at = source + (size_t)y * width;
        float *restrict to = out + (size_t)y * width;
        for (int x = 1; x < width - 1; ++x) {
            const float *up = at - width, *down = at + width;
            const float around = up[x - 1] + up[x] + up[x + 1] + at[x - 1] + at[x + 1] + down[x - 1] + down[x] +
                                 down[x + 1];
            const float smooth = (around + 5.0f * at[x]) * (1.0f / 13.0f);
            to[x] = at[x] + (smooth - at[x]) * (1.0f - factor);
        }
    }
    for (size_t i = 0; i < (size_t)height * width; ++i) out[i] = clamp_unit(out[i]);
}

static void normalize_plane(const float *image, size_t count, float mean, float std, float *restrict out) {
    const float scale = 1.0f / std;
    for (size_t i = 0; i < count; ++i) out[i] = (image[i] - mean) * scale;
}

static void normalize_interleaved_3(const float *image, size_t plane, const float *mean, const float *std,
                                    float *restrict out) {
    const float *red = image, *green = image + plane, *blue = image + 2 * plane;
    const float mean_red = mean[0], mean_green = mean[1], mean_blue = mean[2];
    const float red_scale = 1.0f / std[0], green_scale = 1.0f / std[1], blue_scale = 1.0f / std[2];
    for (size_t i = 0; i < plane; ++i) {
        out[3 * i] = (red[i] - mean_red) * red_scale;
        out[3 * i + 1] = (green[i] - mean_green) * green_scale;
        out[3 * i + 2] = (blue[i] - mean_blue) * blue_scale;
    }
}
