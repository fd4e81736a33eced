// One boxed call serves every operator of libtorch: arguments go onto the interpreter's stack, the dispatcher picks
// the kernel, results come off.
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cstdlib>
#include <cstring>

#include "native.h"

namespace supernet {
namespace {

template <typename T>
c10::ArrayRef<T> borrowed_list(const ct_value &value) {
    return c10::ArrayRef<T>(static_cast<const T *>(value.as.list), static_cast<size_t>(value.length));
}

c10::IValue to_ivalue(const ct_value &value) {
    switch (value.tag) {
        case CT_NONE:
            return {};
        case CT_BOOL:
            return value.as.b;
        case CT_INT:
            return value.as.i;
        case CT_DOUBLE:
            return value.as.d;
        case CT_TENSOR:
            return share(value.as.tensor);
        case CT_INT_LIST:
            return c10::IValue(borrowed_list<int64_t>(value));
        case CT_DOUBLE_LIST:
            return c10::IValue(borrowed_list<double>(value));
        case CT_BOOL_LIST: {
            c10::List<bool> list;
            for (bool b : borrowed_list<bool>(value)) list.push_back(b);
            return list;
        }
        case CT_TENSOR_LIST: {
            c10::List<at::Tensor> list;
            list.reserve(value.length);
            for (ct_tensor handle : borrowed_list<ct_tensor>(value)) list.push_back(share(handle));
            return list;
        }
        case CT_OPTIONAL_TENSOR_LIST: {
            c10::List<std::optional<at::Tensor>> list;
            list.reserve(value.length);
            for (ct_tensor handle : borrowed_list<ct_tensor>(value)) {
                list.push_back(handle ? std::optional<at::Tensor>(share(handle)) : std::nullopt);
            }
            return list;
        }
        case CT_STRING:
            return std::string(static_cast<const char *>(value.as.list), static_cast<size_t>(value.length));
        case CT_DEVICE:
            return unpack_device(value.as.i);
        case CT_GENERATOR:
            return generator(value.as.generator);
        default:
            TORCH_CHECK(false, "argument has the unknown tag ", value.tag);
    }
}

ct_value from_ivalue(c10::IValue &&value) {
    ct_value out{};
    if (value.isTensor()) {
        out.tag = CT_TENSOR;
        out.as.tensor = release(std::move(value).toTensor());
    } else if (value.isInt()) {
        out.tag = CT_INT;
        out.as.i = value.toInt();
    } else if (value.isDouble()) {
        out.tag = CT_DOUBLE;
        out.as.d = value.toDouble();
    } else if (value.isBool()) {
        out.tag = CT_BOOL;
        out.as.b = value.toBool();
    } else if (value.isTensorList()) {
        std::vector<at::Tensor> tensors = value.toTensorVector();
        auto *handles = static_cast<ct_tensor *>(std::malloc(std::max<size_t>(tensors.size(), 1) * sizeof(ct_tensor)));
        if (!handles) throw std::bad_alloc();
        for (size_t i = 0; i < tensors.size(); ++i) handles[i] = release(std::move(tensors[i]));
        out.tag = CT_TENSOR_LIST;
        out.length = static_cast<int32_t>(tensors.size());
        out.as.list = handles;
    } else {
        TORCH_CHECK(value.isNone(), "result of type ", value.tagKind(), " is not carried over the C boundary");
    }
    return out;
}

ct_status find_operator(const char *name, const char *overload, ct_operator *out) {
    return guarded([&] {
        auto found = c10::Dispatcher::singleton().findSchema({name, overload});
        TORCH_CHECK_NOT_IMPLEMENTED(found.has_value(), "this libtorch has no operator ", name, ".", overload);
        // Handles into the dispatcher live as long as the process; one each, never freed.
        *out = reinterpret_cast<ct_operator>(new c10::OperatorHandle(*found));
    });
}

ct_status call(
    ct_operator op, const ct_value *arguments, int32_t count, ct_value *results, int32_t capacity,
    int32_t *result_count) {
    return guarded([&] {
        const auto &handle = *reinterpret_cast<const c10::OperatorHandle *>(op);
        const auto &schema = handle.schema();
        const auto &parameters = schema.arguments();
        TORCH_CHECK(
            static_cast<size_t>(count) <= parameters.size(), schema.name(), " takes ", parameters.size(),
            " arguments, got ", count);
        torch::jit::Stack stack;
        stack.reserve(std::max(parameters.size(), schema.returns().size()));
        for (int32_t i = 0; i < count; ++i) stack.push_back(to_ivalue(arguments[i]));
        for (size_t i = count; i < parameters.size(); ++i) {
            TORCH_CHECK(
                parameters[i].default_value().has_value(), schema.name(), " needs the argument '",
                parameters[i].name(), "'");
            stack.push_back(*parameters[i].default_value());
        }
        handle.callBoxed(stack);
        TORCH_CHECK(
            stack.size() <= static_cast<size_t>(capacity), schema.name(), " returned ", stack.size(),
            " results, the caller has room for ", capacity);
        for (size_t i = 0; i < stack.size(); ++i) results[i] = from_ivalue(std::move(stack[i]));
        *result_count = static_cast<int32_t>(stack.size());
    });
}

}  // namespace

void fill_dispatch(ct_api &api) {
    api.last_error = [] { return error_text().c_str(); };
    api.free = [](void *memory) { std::free(memory); };
    api.find_operator = find_operator;
    api.call = call;
}

}  // namespace supernet
