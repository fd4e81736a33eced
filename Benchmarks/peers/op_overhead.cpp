// What one operator call costs in libtorch from C++: microseconds per addition of one-element tensors, without and with
// gradient recording; one JSON line each. `op_overhead.py` does the same from Python.
//
// With TORCH the folder that holds include/ and lib/ (of a wheel: site-packages/torch):
//
//   g++ -O2 -std=c++20 -I"$TORCH/include" -I"$TORCH/include/torch/csrc/api/include" -o op_overhead
//       Benchmarks/peers/op_overhead.cpp -L"$TORCH/lib" -Wl,-rpath,"$TORCH/lib" -ltorch -ltorch_cpu -lc10
//
// on one line, then ./op_overhead [iterations] [repeats]

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

static double microseconds(bool grad, long iterations) {
    const at::Tensor a = at::ones({1}).set_requires_grad(grad);
    const at::Tensor b = at::ones({1});
    const c10::AutoGradMode mode(grad);
    const auto start = std::chrono::steady_clock::now();
    for (long i = 0; i < iterations; ++i) {
        // Not chained: a chain's graph would grow and its release be timed too.
        const at::Tensor sum = at::add(a, b);
    }
    const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - start;
    return elapsed.count() / static_cast<double>(iterations);
}

int main(int argc, char **argv) {
    const long iterations = argc > 1 ? std::atol(argv[1]) : 200000;
    const long repeats = argc > 2 ? std::atol(argv[2]) : 7;
    if (iterations < 10 || repeats < 1) {
        std::fprintf(stderr, "usage: %s [iterations (at least 10)] [repeats (at least 1)]\n", argv[0]);
        return 2;
    }
    at::set_num_threads(1);
    for (const bool grad : {false, true}) {
        microseconds(grad, iterations / 10);
        std::vector<double> times;
        for (long i = 0; i < repeats; ++i) times.push_back(microseconds(grad, iterations));
        std::sort(times.begin(), times.end());
        std::printf(
            "{\"benchmark\": \"op_overhead\", \"peer\": \"libtorch %s (C++)\", \"threads\": 1, \"grad\": %s, "
            "\"iterations\": %ld, \"median_us\": %.3f, \"min_us\": %.3f}\n",
            TORCH_VERSION, grad ? "true" : "false", iterations, times[times.size() / 2], times.front());
    }
    return 0;
}
