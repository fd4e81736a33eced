// Colour kernels, in place.

static void brightness(float *image, size_t count, float factor) {
    for (size_t i = 0; i < count; ++i) image[i] = clamp_unit(image[i] * factor);
}

// The sum of the lumas. Sixteen partial sums in a fixed order, emptied into a double before they lose digits.
static double luma_sum(const float *image, int channels, size_t plane) {
    double total = 0;
    size_t i = 0;
    while (i + LANES <= plane) {
        lanes sum = {0};
        const size_t stop = i + 256 * LANES;
        for (; i + LANES <= plane && i < stop; i += LANES) {
            if (channels == 3) {
                sum += 0.2989f * load_lanes(image + i) + 0.587f * load_lanes(image + plane + i) +
                       0.114f * load_lanes(image + 2 * plane + i);
            } else {
                sum += load_lanes(image + i);
            }
        }
        for (int lane = 0; lane < LANES; ++lane) total += sum[lane];
    }
    for (; i < plane; ++i)
        total += channels == 3 ? luma(image[i], image[plane + i], image[2 * plane + i]) : image[i];
    return total;
}

static void contrast(float *image, int channels, size_t plane, float factor) {
    const float mean = (float)(luma_sum(image, channels, plane) / (double)plane);
    const float base = (1.0f - factor) * mean;
    const size_t count = plane * (size_t)channels;
    for (size_t i = 0; i < count; ++i) image[i] = clamp_unit(image[i] * factor + base);
}

static void saturation(float *image, size_t plane, float factor) {
    float *restrict red = image, *restrict green = image + plane, *restrict blue = image + 2 * plane;
    for (size_t i = 0; i < plane; ++i) {
        const float base = (1.0f - factor) * luma(red[i], green[i], blue[i]);
        red[i] = clamp_unit(red[i] * factor + base);
        green[i] = clamp_unit(green[i] * factor + base);
        blue[i] = clamp_unit(blue[i] * factor + base);
    }
}

// How much of the chroma a channel loses at a hue in sixths of the circle, 0 ... 12: Smith's hexcone (1978) in the
// form that needs no branch, max(0, min(k, 4 - k, 1)) with k = (offset + hue) mod 6.
static inline __attribute__((always_inline)) float hexcone(float sixths, float offset) {
    float k = sixths + offset;
    k = k >= 12.0f ? k - 12.0f : k;
    k = k >= 6.0f ? k - 6.0f : k;
    const float falling = 4.0f - k;
    return clamp_unit(k < falling ? k : falling);
}

static void hue(float *image, size_t plane, float shift) {
    float *restrict red = image, *restrict green = image + plane, *restrict blue = image + 2 * plane;
    // Between 1 and 2 whole circles, so that the sum below stays positive.
    const float turn = 6.0f * (shift - __builtin_floorf(shift)) + 6.0f;
    for (size_t i = 0; i < plane; ++i) {
        const float r = red[i], g = green[i], b = blue[i];
        const float high_rg = r > g ? r : g, low_rg = r < g ? r : g;
        const float high = high_rg > b ? high_rg : b, low = low_rg < b ? low_rg : b;
        const float chroma = high - low;
        const float scale = 1.0f / (chroma > 0.0f ? chroma : 1.0f);
        // In sixths of the circle: red is 0, green 2, blue 4.
        const float from_red = (g - b) * scale, from_green = 2.0f + (b - r) * scale, from_blue = 4.0f + (r - g) * scale;
        const float sector = high == r ? from_red : (high == g ? from_green : from_blue);
        const float turned = sector + turn;  // 5 ... 17
        const float wrapped = turned >= 12.0f ? turned - 12.0f : turned;
        const float sixths = wrapped >= 6.0f ? wrapped - 6.0f : wrapped;
        red[i] = high - chroma * hexcone(sixths, 5.0f);
        green[i] = high - chroma * hexcone(sixths, 3.0f);
        blue[i] = high - chroma * hexcone(sixths, 1.0f);
    }
}

static void grayscale(float *image, size_t plane) {
    float *restrict red = image, *restrict green = image + plane, *restrict blue = image + 2 * plane;
    for (size_t i = 0; i < plane; ++i) {
        const float value = luma(red[i], green[i], blue[i]);
        red[i] = value;
        green[i] = value;
        blue[i] = value;
    }
}

static void invert(float *image, size_t count) {
    for (size_t i = 0; i < count; ++i) image[i] = 1.0f - image[i];
}

static void solarize(float *image, size_t count, float threshold) {
    for (size_t i = 0; i < count; ++i) image[i] = image[i] >= threshold ? 1.0f - image[i] : image[i];
}

static inline __attribute__((always_inline)) int as_byte(float value) {
    return (int)(clamp_unit(value) * 255.0f + 0.5f);
}

static void posterize(float *image, size_t count, int bits) {
    const int mask = (0xFF << (8 - bits)) & 0xFF;
    for (size_t i = 0; i < count; ++i) image[i] = (float)(as_byte(image[i]) & mask) * (1.0f / 255.0f);
}

static void autocontrast(float *plane, size_t count) {
    float low = plane[0], high = plane[0];
    for (size_t i = 1; i < count; ++i) {
        low = plane[i] < low ? plane[i] : low;
        high = plane[i] > high ? plane[i] : high;
    }
    if (!(high > low)) return;
    const float range = high - low;
    for (size_t i = 0; i < count; ++i) plane[i] = clamp_unit((plane[i] - low) / range);
}

static void equalize(float *plane, size_t count) {
    size_t histogram[256] = {0};
    for (size_t i = 0; i < count; ++i) ++histogram[as_byte(plane[i])];
    int last = 255;
    while (last > 0 && histogram[last] == 0) --last;
    // A step of 0 means fewer than 255 pixels below the brightest value: Pillow leaves such a channel as it is.
    const size_t step = (count - histogram[last]) / 255;
    if (step == 0) return;
    float table[256];
    size_t below = step / 2;
    for (int bin = 0; bin < 256; ++bin) {
        const size_t value = below / step;
        table[bin] = (float)(value < 255 ? value : 255) * (1.0f / 255.0f);
        below += histogram[bin];
    }
    for (size_t i = 0; i < count; ++i) plane[i] = table[as_byte(plane[i])];
}
