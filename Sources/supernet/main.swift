import Torch
import NN
import Networks
import Foundation
func main() throws {
let args = CommandLine.arguments
let big = args.contains("224"), bf = args.contains("bf16"), cl = args.contains("cl")
let iters = big ? 5 : 20
let store = try ParameterStore(seed: 1, format: cl ? .channelsLast : .contiguous)
let net = try ResNeSt(big ? .resnest50() : ResNeStDescription(channels: 1, classes: 10, stem: .small, planes: [32, 64, 128], depths: [2,2,2], code: [1,0,3,2,1,3]), store: store)
print("params", store.parameterCount, "keys", store.keys.count)
let g = try Generator(seed: 3)
let n = big ? 8 : 128
let x = try Tensor.normal(big ? [n,3,224,224] : [n,1,28,28], using: g).contiguous(cl ? .channelsLast : .contiguous)
let t = try Tensor.integers([n], in: 0..<10, using: g)
let opt = try SGD([ParameterGroup(store.parameters.map { ($0.key, $0.tensor) })], momentum: 0.9, weightDecay: 1e-4)
var times: [Double] = []
var last = 0.0
for i in 0..<(iters + 3) {
    let t0 = Date()
    try store.clearGradients()
    let loss = try withPrecision(bf ? .bfloat16 : .float32) { try net(x, .training(nil)).crossEntropy(t) }
    try loss.backward()
    try opt.step(learningRate: 0.01)
    last = try loss.item()
    if i >= 3 { times.append(Date().timeIntervalSince(t0)) }
}
times.sort()
print("median", times[times.count/2], "min", times[0], "loss", last)
}
do { try main() } catch { print(error) }
