// Memory of the CPU that is kept for the next tensor of the same size.
//
// A training step allocates and frees the same large activations over and over. The C library gives each back to the
// system and asks for it anew, and the kernel clears every page again: a tenth to a quarter of a step, and of a pass over a
// single image up to several times what is computed. Here blocks of 128 KiB and more, from where on the C library gives
// memory back, go to a free list instead, by size; smaller ones stay with it, as it is good at those.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "native.h"

namespace supernet {
namespace {

constexpr size_t kSmallest = size_t{1} << 17;
constexpr size_t kHugePage = size_t{2} << 20;

/// Sizes are rounded up to eighths of a power of two, so that tensors that differ a little share blocks and at most an
/// eighth is wasted.
size_t rounded(size_t bytes) {
    const size_t step = std::max(std::bit_floor(bytes) / 8, size_t{4096});
    return (bytes + step - 1) / step * step;
}

class BlockCache {
public:
    /// A block of at least that many bytes, or null.
    void *take(size_t bytes) {
        const std::lock_guard lock(mutex_);
        void *block = nullptr;
        // Steps whose tensors differ in size, as those of detectors do, find a block that is a little larger.
        if (auto found = free_.lower_bound(bytes); found != free_.end() && found->first <= bytes + bytes / 4) {
            bytes = found->first;
            // Of blocks of one size the last to be given back, which caches may still hold.
            found = std::prev(free_.upper_bound(bytes));
            block = *found->second;
            kept_places_.erase(block);
            order_.erase(found->second);
            free_.erase(found);
            kept_ -= bytes;
        } else {
            block = map(bytes);
            if (!block) {
                // What is kept for other sizes may be what is missing.
                clear();
                block = map(bytes);
            }
            if (!block) return nullptr;
            mapped_ += bytes;
        }
        used_.emplace(block, bytes);
        peak_ = std::max(peak_, mapped_ - kept_);
        mark_ = std::max(mark_, mapped_ - kept_);
        return block;
    }

    /// Takes a block back; false if it is not one of this cache's.
    bool give(void *block) {
        const std::lock_guard lock(mutex_);
        const auto found = used_.find(block);
        if (found == used_.end()) return false;
        const size_t bytes = found->second;
        used_.erase(found);
        order_.push_back(block);
        kept_places_[block] = free_.emplace(bytes, std::prev(order_.end()));
        kept_ += bytes;
        // A step's sizes all stay, though each is in use at another moment; those of the past must not pile up. What was given
        // back longest ago goes first.
        while (mapped_ > 2 * peak_ && !order_.empty()) drop(order_.front());
        return true;
    }

    /// Gives back what is kept for later, and forgets how much was needed once.
    void trim() {
        const std::lock_guard lock(mutex_);
        clear();
        peak_ = mapped_;
    }

    /// The most bytes in use at once since the last call.
    size_t take_mark() {
        const std::lock_guard lock(mutex_);
        return std::exchange(mark_, mapped_ - kept_);
    }

private:
    using Order = std::list<void *>;

    static void *map(size_t bytes) {
        void *block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) return nullptr;
        if (bytes >= kHugePage) (void)madvise(block, bytes, MADV_HUGEPAGE);
        return block;
    }

    /// Gives a kept block back to the system.
    void drop(void *block) {
        const auto place = kept_places_.find(block);
        const auto entry = place->second;
        munmap(block, entry->first);
        mapped_ -= entry->first;
        kept_ -= entry->first;
        order_.erase(entry->second);
        free_.erase(entry);
        kept_places_.erase(place);
    }

    void clear() {
        while (!order_.empty()) drop(order_.front());
    }

    std::mutex mutex_;
    /// What is kept, in the order in which it was given back, and by size.
    Order order_;
    std::multimap<size_t, Order::iterator> free_;
    std::unordered_map<void *, std::multimap<size_t, Order::iterator>::iterator> kept_places_;
    std::unordered_map<void *, size_t> used_;
    /// Bytes mapped, of them kept for later, and the most that were ever in use at once.
    size_t mapped_ = 0, kept_ = 0, peak_ = 0;
    /// The most that were in use since somebody asked.
    size_t mark_ = 0;
};

/// Lives as long as the process: tensors may be freed by the last destructors of all.
BlockCache &cache() {
    static BlockCache &only = *new BlockCache;
    return only;
}

class CachingAllocator final : public c10::Allocator {
public:
    explicit CachingAllocator(c10::Allocator *small) : small_(small) {}

    c10::DataPtr allocate(size_t bytes) override {
        if (bytes < kSmallest) return small_->allocate(bytes);
        // Beyond what a processor can address the rounding itself would overflow.
        if (bytes >= size_t{1} << 46) refuse(bytes);
        void *block = cache().take(rounded(bytes));
        if (!block) refuse(bytes);
        return {block, block, &release_block, c10::Device(c10::DeviceType::CPU)};
    }

    /// oneDNN asks for bare memory and gives back a bare pointer, of either kind.
    c10::DeleterFnPtr raw_deleter() const override { return &release_any; }

    void copy_data(void *to, const void *from, size_t bytes) const override { default_copy_data(to, from, bytes); }

private:
    [[noreturn]] static void refuse(size_t bytes) {
        TORCH_CHECK_WITH(
            OutOfMemoryError, false, "can't allocate memory: you tried to allocate ", bytes, " bytes");
    }

    static void release_block(void *block) { (void)cache().give(block); }

    static void release_any(void *block) {
        if (!cache().give(block)) c10::free_cpu(block);
    }

    c10::Allocator *small_;
};

}  // namespace

int64_t take_memory_mark() { return static_cast<int64_t>(cache().take_mark()); }

void trim_memory() { cache().trim(); }

void install_allocator() {
    static CachingAllocator allocator(c10::GetCPUAllocator());
    c10::SetCPUAllocator(&allocator, /*priority=*/255);
}

}  // namespace supernet
