// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "OwnMethod",
    dependencies: [.package(name: "supernet", path: "../..")],
    targets: [
        .executableTarget(name: "OwnMethod", dependencies: [.product(name: "Supernet", package: "supernet")])
    ]
)
