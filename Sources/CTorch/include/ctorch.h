/// The C boundary between Swift and libtorch.
///
/// The C++ side (`Native/`) is a shared library of its own, opened at run time by `ct_load`. It exports one symbol,
/// `ct_native_api`, which hands over the table below. Nothing here includes a header of libtorch, so a Swift package
/// builds without it, and one Swift binary serves every libtorch that the C++ side is built for.
///
/// Every function that can fail returns a `ct_status`; the text is then in `ct_last_error()` of the same thread. No
/// C++ exception crosses this boundary.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised whenever the table or a type below changes, so that a stale C++ side is refused.
#define CT_ABI_VERSION 5

/// What went wrong, in kinds that a caller may want to tell apart.
typedef enum ct_status {
    CT_OK = 0,
    /// libtorch refused: shapes, types, an argument.
    CT_ERROR_TORCH = 1,
    /// Memory of the host or of a device ran out.
    CT_ERROR_OUT_OF_MEMORY = 2,
    /// The operator is unknown, or has no kernel for this device or type.
    CT_ERROR_NOT_IMPLEMENTED = 3,
    /// Any other `std::exception`.
    CT_ERROR_STANDARD = 4,
    /// Something that is not an exception class at all was thrown.
    CT_ERROR_UNKNOWN = 5,
    /// `ct_load` has not been called, or failed.
    CT_ERROR_NOT_LOADED = 6,
} ct_status;

/// An owned reference to a tensor, or NULL for an undefined one.
typedef struct ct_tensor_opaque *ct_tensor;
/// An owned reference to a random generator.
typedef struct ct_generator_opaque *ct_generator;
/// An owned reference to a store of keys that several processes share.
typedef struct ct_store_opaque *ct_store;
/// A dispatcher entry; lives as long as the process.
typedef const struct ct_operator_opaque *ct_operator;

typedef enum ct_tag {
    CT_NONE = 0,
    CT_BOOL,
    CT_INT,
    CT_DOUBLE,
    CT_TENSOR,
    CT_INT_LIST,
    CT_DOUBLE_LIST,
    CT_BOOL_LIST,
    CT_TENSOR_LIST,
    /// A list in which NULL stands for an absent tensor, as indexing takes it.
    CT_OPTIONAL_TENSOR_LIST,
    CT_STRING,
    /// `i` holds type * 256 + (index + 1).
    CT_DEVICE,
    CT_GENERATOR,
} ct_tag;

/// One argument or result. Lists are borrowed when they go in. A tensor or a list of tensors that comes out is owned
/// by the caller; the list's own memory is released by `ct_free`.
typedef struct ct_value {
    int32_t tag;
    int32_t length;
    union {
        bool b;
        int64_t i;
        double d;
        ct_tensor tensor;
        ct_generator generator;
        const void *list;
    } as;
} ct_value;

/// Called when memory given to `tensor_from_memory` is no longer needed.
typedef void (*ct_release)(void *context);

typedef struct ct_api {
    uint32_t abi_version;
    /// libtorch's version as compiled against and as found at run time; equal, or the load is refused.
    const char *compiled_version;

    const char *(*last_error)(void);
    void (*free)(void *memory);

    // Dispatcher.
    ct_status (*find_operator)(const char *name, const char *overload, ct_operator *out);
    /// Missing trailing arguments take the schema's defaults.
    ct_status (*call)(
        ct_operator op, const ct_value *arguments, int32_t count, ct_value *results, int32_t capacity,
        int32_t *result_count);

    // Tensors.
    /// Another owned reference to the same tensor.
    ct_tensor (*tensor_retain)(ct_tensor tensor);
    void (*tensor_release)(ct_tensor tensor);
    int32_t (*tensor_rank)(ct_tensor tensor);
    const int64_t *(*tensor_sizes)(ct_tensor tensor);
    ct_status (*tensor_strides)(ct_tensor tensor, int64_t *out);
    int64_t (*tensor_element_count)(ct_tensor tensor);
    int32_t (*tensor_dtype)(ct_tensor tensor);
    int64_t (*tensor_device)(ct_tensor tensor);
    bool (*tensor_is_contiguous)(ct_tensor tensor, int32_t memory_format);
    /// The address of the first element, and that of the storage: equal storages share memory.
    ct_status (*tensor_data)(ct_tensor tensor, void **out);
    ct_status (*tensor_storage)(ct_tensor tensor, const void **out);
    ct_status (*tensor_from_memory)(
        void *memory, const int64_t *sizes, const int64_t *strides, int32_t rank, int32_t dtype, ct_release release,
        void *context, ct_tensor *out);
    ct_status (*tensor_item_double)(ct_tensor tensor, double *out);
    ct_status (*tensor_item_int)(ct_tensor tensor, int64_t *out);

    // Autograd. The modes are the calling thread's.
    bool (*tensor_requires_grad)(ct_tensor tensor);
    ct_status (*tensor_set_requires_grad)(ct_tensor tensor, bool value);
    bool (*tensor_is_leaf)(ct_tensor tensor);
    ct_status (*tensor_grad)(ct_tensor tensor, ct_tensor *out);
    ct_status (*tensor_set_grad)(ct_tensor tensor, ct_tensor grad);
    ct_status (*backward)(
        const ct_tensor *outputs, const ct_tensor *gradients, int32_t count, bool retain_graph, bool create_graph);
    /// `results` has room for `input_count` handles.
    ct_status (*gradients)(
        const ct_tensor *outputs, const ct_tensor *output_gradients, int32_t output_count, const ct_tensor *inputs,
        int32_t input_count, bool retain_graph, bool create_graph, bool allow_unused, ct_tensor *results);
    bool (*grad_mode)(void);
    void (*set_grad_mode)(bool enabled);

    // Autocast of the calling thread, by device type.
    ct_status (*autocast_get)(int32_t device_type, bool *enabled, int32_t *dtype);
    ct_status (*autocast_set)(int32_t device_type, bool enabled, int32_t dtype);
    int32_t (*autocast_enter)(void);
    /// Leaving the outermost scope drops the cached casts.
    ct_status (*autocast_leave)(void);

    // Random generators.
    ct_status (*generator_new)(int64_t device, uint64_t seed, ct_generator *out);
    void (*generator_release)(ct_generator generator);
    ct_status (*generator_state)(ct_generator generator, ct_tensor *out);
    ct_status (*generator_set_state)(ct_generator generator, ct_tensor state);

    // The process.
    /// The most bytes that tensors of the CPU had in use at once since the last call, in blocks of a megabyte and more.
    int64_t (*take_memory_mark)(void);
    /// Gives memory of the CPU that is kept for later tensors back to the system.
    void (*trim_memory)(void);
    int32_t (*thread_count)(void);
    ct_status (*set_thread_count)(int32_t count);
    int32_t (*cuda_device_count)(void);
    ct_status (*synchronize)(int64_t device);
    ct_status (*set_deterministic)(bool enabled);
    const char *(*build_summary)(void);

    // Several processes. Times are in milliseconds; what comes out in memory is released by `free`.
    /// The engines of what the functions below do, such as "Gloo, NCCL"; empty where libtorch has none, and they refuse.
    const char *(*process_backends)(void);
    /// Joins the store at a host and port, or serves it there: port 0 is any free one. All keys get the prefix.
    ct_status (*store_open)(
        const char *host, int32_t port, bool serves, int32_t world, int64_t timeout, const char *prefix, ct_store *out);
    void (*store_release)(ct_store store);
    int32_t (*store_port)(ct_store store);
    ct_status (*store_set)(ct_store store, const char *key, const void *data, size_t count);
    /// Waits until the key is there.
    ct_status (*store_get)(ct_store store, const char *key, int64_t timeout, void **out, size_t *count);
    ct_status (*store_add)(ct_store store, const char *key, int64_t amount, int64_t *out);
    ct_status (*store_has)(ct_store store, const char *key, bool *out);
    ct_status (*store_remove)(ct_store store, const char *key, bool *out);
    ct_status (*store_push)(ct_store store, const char *queue, const void *data, size_t count);
    /// Waits for an element; with a timeout of 0 it does not, and NULL comes out of an empty queue.
    ct_status (*store_pop)(ct_store store, const char *queue, int64_t timeout, void **out, size_t *count);
    /// Makes this process a member of a group, whose collectives are then called by its name. Others reach it at an address of
    /// this machine, unless GLOO_SOCKET_IFNAME names an interface; empty for wherever the machine's name leads.
    ct_status (*group_join)(
        ct_store store, const char *name, const char *address, int32_t rank, int32_t size, int64_t timeout);
    ct_status (*group_leave)(const char *name);
    /// Waits for all; on rank 0 the error names who did not come.
    ct_status (*group_barrier)(const char *name, int64_t timeout);

    /// Throws inside the library, one kind of exception for each number; for tests of the boundary itself.
    ct_status (*throw_for_test)(int32_t kind);
} ct_api;

/// The one symbol of the C++ side. Returns NULL and writes a message if it cannot serve this caller or this libtorch.
typedef const ct_api *(*ct_native_entry)(uint32_t abi_version, char *message, size_t capacity);

/// Opens the C++ side at `path` and fills the table. Returns false with a message; safe to call again.
bool ct_load(const char *path, char *message, size_t capacity);

/// Set once by `ct_load`; read through the functions below.
extern const ct_api *ct_table;

/// Whether a `ct_load` has succeeded.
static inline bool ct_is_loaded(void) { return __atomic_load_n(&ct_table, __ATOMIC_ACQUIRE) != NULL; }

/// The table. Only where a load has succeeded, as it has for whoever holds a tensor.
static inline const ct_api *ct_loaded(void) { return ct_table; }

/// A named operator whose dispatcher entry is looked up at its first call and kept.
typedef struct ct_operator_slot {
    const char *name;
    const char *overload;
    ct_operator resolved;
} ct_operator_slot;

/// Calls the operator in `slot`, looking it up first if this is its first call.
static inline ct_status ct_invoke(
    ct_operator_slot *slot, const ct_value *arguments, int32_t count, ct_value *results, int32_t capacity,
    int32_t *result_count) {
    ct_operator op = __atomic_load_n(&slot->resolved, __ATOMIC_ACQUIRE);
    if (__builtin_expect(op == NULL, 0)) {
        if (ct_table == NULL) return CT_ERROR_NOT_LOADED;
        ct_status status = ct_table->find_operator(slot->name, slot->overload, &op);
        if (status != CT_OK) return status;
        __atomic_store_n(&slot->resolved, op, __ATOMIC_RELEASE);
    }
    return ct_table->call(op, arguments, count, results, capacity, result_count);
}

#ifdef __cplusplus
}
#endif

#endif
