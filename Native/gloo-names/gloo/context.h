// Names of Gloo's classes, which libtorch's headers mention and keep behind pointers: libtorch holds Gloo, but its wheels
// come without Gloo's headers.
#pragma once

#include <chrono>

namespace gloo {

class Context {
public:
    void setTimeout(std::chrono::milliseconds timeout);
};

}  // namespace gloo
