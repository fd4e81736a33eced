// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "OwnTask",
    dependencies: [.package(name: "supernet", path: "../..")],
    targets: [
        .executableTarget(name: "OwnTask", dependencies: [.product(name: "Supernet", package: "supernet")])
    ]
)
