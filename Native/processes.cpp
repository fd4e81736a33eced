// Several processes: the store of keys in which they find each other, and groups of them for collectives, which are then
// called by the group's name like any other operator (`_c10d_functional::all_reduce_`). All of it is libtorch's c10d with
// Gloo, and with NCCL for the tensors of GPUs where SUPERNET_NCCL is defined; where a libtorch lacks it, SUPERNET_PROCESS_GROUPS is
// not defined and every function refuses.
#ifdef SUPERNET_PROCESS_GROUPS
#define USE_C10D_GLOO 1
#include <torch/csrc/distributed/c10d/GroupRegistry.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef SUPERNET_NCCL
#define USE_C10D_NCCL 1
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#endif

#include "native.h"

namespace supernet {

#ifdef SUPERNET_PROCESS_GROUPS
namespace {

using std::chrono::milliseconds;

/// A store, with the server's or client's own object for the number of its port.
struct Store {
    c10::intrusive_ptr<c10d::TCPStore> server;
    c10::intrusive_ptr<c10d::Store> keys;
};

Store &store(ct_store handle) { return *reinterpret_cast<Store *>(handle); }

std::vector<uint8_t> bytes(const void *data, size_t count) {
    const auto *first = static_cast<const uint8_t *>(data);
    return {first, first + count};
}

/// Memory of the caller's, to be given back by `free`.
void hand_over(const std::vector<uint8_t> &value, void **out, size_t *count) {
    void *memory = std::malloc(std::max<size_t>(value.size(), 1));
    if (!memory) throw std::bad_alloc();
    std::memcpy(memory, value.data(), value.size());
    *out = memory;
    *count = value.size();
}

ct_status store_open(
    const char *host, int32_t port, bool serves, int32_t world, int64_t timeout, const char *prefix, ct_store *out) {
    return guarded([&] {
        c10d::TCPStoreOptions options;
        options.port = static_cast<uint16_t>(port);
        options.isServer = serves;
        // Nobody waits for the others here: who is missing is found out by name later.
        options.numWorkers = world;
        options.waitWorkers = false;
        options.timeout = milliseconds(timeout);
        options.multiTenant = true;
        auto server = c10::make_intrusive<c10d::TCPStore>(host, options);
        auto keys = c10::make_intrusive<c10d::PrefixStore>(prefix, server);
        *out = reinterpret_cast<ct_store>(new Store{std::move(server), std::move(keys)});
    });
}

ct_status store_get(ct_store handle, const char *key, int64_t timeout, void **out, size_t *count) {
    return guarded([&] {
        store(handle).keys->wait({key}, milliseconds(timeout));
        hand_over(store(handle).keys->get(key), out, count);
    });
}

ct_status store_pop(ct_store handle, const char *queue, int64_t timeout, void **out, size_t *count) {
    return guarded([&] {
        *out = nullptr;
        *count = 0;
        auto &keys = *store(handle).keys;
        if (timeout == 0) {
            if (keys.queueLen(queue) > 0) hand_over(keys.queuePop(queue, false), out, count);
            return;
        }
        const auto before = keys.getTimeout();
        keys.setTimeout(milliseconds(timeout));
        try {
            hand_over(keys.queuePop(queue, true), out, count);
        } catch (...) {
            keys.setTimeout(before);
            throw;
        }
        keys.setTimeout(before);
    });
}

struct Groups {
    std::mutex lock;
    std::map<std::string, c10::intrusive_ptr<c10d::ProcessGroup>> all;
};

Groups &groups() {
    // Never destroyed: threads of Gloo may outlive what is destroyed at the end of a process.
    static auto *made = new Groups();
    return *made;
}

c10::intrusive_ptr<c10d::ProcessGroup> group(const char *name) {
    std::scoped_lock guard(groups().lock);
    const auto found = groups().all.find(name);
    TORCH_CHECK(found != groups().all.end(), "there is no group of processes named ", name);
    return found->second;
}

ct_status group_join(
    ct_store handle, const char *name, const char *address, int32_t rank, int32_t size, int64_t timeout) {
    return guarded([&] {
        auto keys = c10::make_intrusive<c10d::PrefixStore>(std::string("group/") + name, store(handle).keys);
        // Gloo would listen where the name of the machine leads, which is often the loopback.
        const char *interface = std::getenv("GLOO_SOCKET_IFNAME");
        const bool is_named = interface && *interface;
        auto options = is_named || !*address ? c10d::ProcessGroupGloo::Options::create_default(milliseconds(timeout))
                                             : c10d::ProcessGroupGloo::Options::create(milliseconds(timeout));
        if (options->devices.empty()) {
            options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
        }
        auto backend = c10::make_intrusive<c10d::ProcessGroupGloo>(keys, rank, size, options);
        auto made = c10::make_intrusive<c10d::ProcessGroup>(keys, rank, size);
        made->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO, backend);
        made->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
        if (at::globalContext().hasCUDA()) {
#ifdef SUPERNET_NCCL
            auto nccl = c10d::ProcessGroupNCCL::Options::create();
            nccl->timeout = milliseconds(timeout);
            made->setBackend(
                c10::DeviceType::CUDA, c10d::ProcessGroup::BackendType::NCCL,
                c10::make_intrusive<c10d::ProcessGroupNCCL>(
                    c10::make_intrusive<c10d::PrefixStore>("nccl", keys), rank, size, nccl));
#else
            // Through the host's memory.
            made->setBackend(c10::DeviceType::CUDA, c10d::ProcessGroup::BackendType::GLOO, backend);
#endif
        }
        made->setGroupName(name);
        c10d::register_process_group(name, made);
        std::scoped_lock guard(groups().lock);
        groups().all[name] = std::move(made);
    });
}

ct_status group_leave(const char *name) {
    return guarded([&] {
        c10d::unregister_process_group(name);
        std::scoped_lock guard(groups().lock);
        groups().all.erase(name);
    });
}

ct_status group_barrier(const char *name, int64_t timeout) {
    return guarded([&] {
        c10d::BarrierOptions options;
        options.timeout = milliseconds(timeout);
        group(name)->getBackend(c10::DeviceType::CPU)->monitoredBarrier(options, true);
    });
}

}  // namespace

int64_t group_size(const std::string &name) { return group(name.c_str())->getSize(); }

void fill_processes(ct_api &api) {
#ifdef SUPERNET_NCCL
    api.process_backends = [] { return "Gloo, NCCL"; };
#else
    api.process_backends = [] { return "Gloo"; };
#endif
    api.store_open = store_open;
    api.store_release = [](ct_store handle) { delete reinterpret_cast<Store *>(handle); };
    api.store_port = [](ct_store handle) { return static_cast<int32_t>(store(handle).server->getPort()); };
    api.store_set = [](ct_store handle, const char *key, const void *data, size_t count) {
        return guarded([&] { store(handle).keys->set(key, bytes(data, count)); });
    };
    api.store_get = store_get;
    api.store_add = [](ct_store handle, const char *key, int64_t amount, int64_t *out) {
        return guarded([&] { *out = store(handle).keys->add(key, amount); });
    };
    api.store_has = [](ct_store handle, const char *key, bool *out) {
        return guarded([&] { *out = store(handle).keys->check({key}); });
    };
    api.store_remove = [](ct_store handle, const char *key, bool *out) {
        return guarded([&] { *out = store(handle).keys->deleteKey(key); });
    };
    api.store_push = [](ct_store handle, const char *queue, const void *data, size_t count) {
        return guarded([&] { store(handle).keys->queuePush(queue, bytes(data, count)); });
    };
    api.store_pop = store_pop;
    api.group_join = group_join;
    api.group_leave = group_leave;
    api.group_barrier = group_barrier;
}

#else
namespace {

ct_status refused() {
    return guarded([] {
        TORCH_CHECK_NOT_IMPLEMENTED(
            false, "this libtorch was built without processes that work together (c10d with Gloo): run one process, or "
                   "take a libtorch that has it, as the wheels of 2.11 and later do");
    });
}

}  // namespace

int64_t group_size(const std::string &name) {
    TORCH_CHECK(false, "there is no group of processes named ", name);
}

void fill_processes(ct_api &api) {
    api.process_backends = [] { return ""; };
    api.store_open = [](const char *, int32_t, bool, int32_t, int64_t, const char *, ct_store *) { return refused(); };
    api.store_release = [](ct_store) {};
    api.store_port = [](ct_store) { return int32_t(0); };
    api.store_set = [](ct_store, const char *, const void *, size_t) { return refused(); };
    api.store_get = [](ct_store, const char *, int64_t, void **, size_t *) { return refused(); };
    api.store_add = [](ct_store, const char *, int64_t, int64_t *) { return refused(); };
    api.store_has = [](ct_store, const char *, bool *) { return refused(); };
    api.store_remove = [](ct_store, const char *, bool *) { return refused(); };
    api.store_push = [](ct_store, const char *, const void *, size_t) { return refused(); };
    api.store_pop = [](ct_store, const char *, int64_t, void **, size_t *) { return refused(); };
    api.group_join = [](ct_store, const char *, const char *, int32_t, int32_t, int64_t) { return refused(); };
    api.group_leave = [](const char *) { return refused(); };
    api.group_barrier = [](const char *, int64_t) { return refused(); };
}
#endif

}  // namespace supernet
