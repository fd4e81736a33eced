// EXIF's orientation: where the containers keep it, what it says, and pixels turned by it.
#include "internal.h"

#include <string.h>
#include <zlib.h>

static const uint32_t upright = 1;

static uint32_t little16(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t big16(const uint8_t *p) {
    return (uint32_t)p[0] << 8 | (uint32_t)p[1];
}

static uint32_t little32(const uint8_t *p) {
    return little16(p) | little16(p + 2) << 16;
}

static uint32_t big32(const uint8_t *p) {
    return big16(p) << 16 | big16(p + 2);
}

/// The orientation in a block of EXIF: a TIFF's header and first directory. Offsets are the file's own word and held to
/// the block; what leads out of it, or is none of the eight, says nothing.
static uint32_t orientation_of_exif(const uint8_t *bytes, size_t count) {
    static const uint8_t name[] = {'E', 'x', 'i', 'f', 0, 0};
    enum { header = 8, entry_size = 12, orientation_tag = 0x0112, byte_type = 1, short_type = 3, long_type = 4 };

    // Some writers put the name before the block where the container has no place for it, or twice.
    for (int times = 0; times < 2 && count >= sizeof name && memcmp(bytes, name, sizeof name) == 0; times++) {
        bytes += sizeof name;
        count -= sizeof name;
    }
    if (count < header) return upright;
    bool is_little = memcmp(bytes, "II*\0", 4) == 0;
    if (!is_little && memcmp(bytes, "MM\0*", 4) != 0) return upright;
    uint32_t (*word)(const uint8_t *) = is_little ? little16 : big16;
    uint32_t (*long_word)(const uint8_t *) = is_little ? little32 : big32;

    size_t directory = long_word(bytes + 4);
    if (directory > count - 2) return upright;
    size_t entries = word(bytes + directory);
    size_t room = (count - directory - 2) / entry_size;
    const uint8_t *entry = bytes + directory + 2;
    for (size_t i = 0; i < entries && i < room; i++, entry += entry_size) {
        if (word(entry) != orientation_tag) continue;
        if (long_word(entry + 4) != 1) return upright;
        uint32_t value = upright;
        switch (word(entry + 2)) {
        case byte_type: value = entry[8]; break;
        case short_type: value = word(entry + 8); break;
        case long_type: value = long_word(entry + 8); break;
        default: break;
        }
        return value >= 1 && value <= 8 ? value : upright;
    }
    return upright;
}

/// Of the first segment of EXIF before the scan.
static uint32_t orientation_of_jpeg(const uint8_t *bytes, size_t count) {
    enum { escape = 0xFF, start_of_scan = 0xDA, end_of_image = 0xD9, application_1 = 0xE1 };
    size_t place = 2;
    while (place + 4 <= count) {
        // Any number of fill bytes may stand before a marker, and stray bytes are passed over as the decoder does.
        if (bytes[place] != escape || bytes[place + 1] == escape || bytes[place + 1] == 0) {
            place++;
            continue;
        }
        uint8_t marker = bytes[place + 1];
        if (marker == start_of_scan || marker == end_of_image) return upright;
        place += 2;
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue; // stand alone
        size_t length = big16(bytes + place);
        if (length < 2 || length > count - place) return upright;
        if (marker == application_1 && length >= 8 && memcmp(bytes + place + 2, "Exif\0\0", 6) == 0) {
            return orientation_of_exif(bytes + place + 2, length - 2);
        }
        place += length;
    }
    return upright;
}

static uint32_t orientation_of_png(const uint8_t *bytes, size_t count) {
    size_t place = 8;
    while (count - place >= 12) {
        size_t length = big32(bytes + place);
        const uint8_t *type = bytes + place + 4;
        if (length > count - place - 12 || memcmp(type, "IEND", 4) == 0) return upright;
        if (memcmp(type, "eXIf", 4) == 0) {
            uLong sum = crc32(0, type, (uInt)(length + 4));
            return sum == big32(type + 4 + length) ? orientation_of_exif(type + 4, length) : upright;
        }
        place += length + 12;
    }
    return upright;
}

static uint32_t orientation_of_webp(const uint8_t *bytes, size_t count) {
    enum { first_chunk = 12, exif_flag = 0x08 };
    size_t place = first_chunk;
    if (count < 30 || memcmp(bytes + place, "VP8X", 4) != 0 || !(bytes[20] & exif_flag)) return upright;
    while (place <= count && count - place >= 8) {
        size_t length = little32(bytes + place + 4);
        if (length > count - place - 8) return upright;
        if (memcmp(bytes + place, "EXIF", 4) == 0) return orientation_of_exif(bytes + place + 8, length);
        place += 8 + length + (length & 1);
    }
    return upright;
}

uint32_t cimageio_orientation(const uint8_t *bytes, size_t count) {
    switch (cimageio_format_of(bytes, count)) {
    case CIMAGEIO_FORMAT_JPEG: return orientation_of_jpeg(bytes, count);
    case CIMAGEIO_FORMAT_PNG: return orientation_of_png(bytes, count);
    case CIMAGEIO_FORMAT_WEBP: return orientation_of_webp(bytes, count);
    default: return upright;
    }
}

bool cimageio_swaps_sides(uint32_t orientation) {
    return orientation >= 5;
}

void cimageio_turn(const uint8_t *source, uint32_t width, uint32_t height, uint32_t channels, uint32_t orientation,
                   uint8_t *target) {
    // The steps in the source, in pixels, for one step right and one step down in the target.
    bool swaps = cimageio_swaps_sides(orientation);
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    ptrdiff_t across = from_right ? -1 : 1;
    ptrdiff_t down = from_below ? -(ptrdiff_t)width : (ptrdiff_t)width;
    ptrdiff_t right_step = swaps ? down : across;
    ptrdiff_t down_step = swaps ? across : down;
    ptrdiff_t row = (from_right ? (ptrdiff_t)width - 1 : 0) + (from_below ? (ptrdiff_t)width * (height - 1) : 0);
    uint32_t target_width = swaps ? height : width;
    uint32_t target_height = swaps ? width : height;
    for (uint32_t y = 0; y < target_height; y++, row += down_step) {
        ptrdiff_t place = row;
        for (uint32_t x = 0; x < target_width; x++, place += right_step, target += channels) {
            const uint8_t *pixel = source + place * (ptrdiff_t)channels;
            for (uint32_t channel = 0; channel < channels; channel++) target[channel] = pixel[channel];
        }
    }
}
