// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "OwnSpace",
    dependencies: [.package(name: "supernet", path: "../..")],
    targets: [
        .executableTarget(name: "OwnSpace", dependencies: [.product(name: "Supernet", package: "supernet")])
    ]
)
