// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A floor: one folder below `Sources`, which may import only what is named here.
func floor(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "supervisor",
    products: [
        .executable(name: "supervisor", targets: ["supervisor"]),
        .library(name: "Supervision", targets: ["Supervision"]),
        .library(name: "SupervisionRuntime", targets: ["SupervisionRuntime"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        // Without its traits: they would bring Foundation.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CLinux"),
        floor("Addresses", []),
        floor("YAML", ["CLibYAML"]),
        floor("Sockets", ["Addresses", "CLinux", nioCore, nioPosix]),
        // The process from which all children descend: what runs between fork and exec cannot be Swift.
        .target(name: "CWarden"),
        floor("Processes", ["CWarden", nioCore, nioPosix]),
        floor("Supervision", []),
        // For users of the library with very many small tasks: threads, so it is no part of Supervision.
        floor("SupervisionRuntime", ["Supervision"]),
        floor("ServiceConfiguration", ["Addresses", "YAML"]),
        floor("Planning", ["Addresses", "ServiceConfiguration"]),
        floor(
            "Services",
            [
                "Addresses", "Processes", "ServiceConfiguration", "Sockets", "Supervision", nioCore, nioPosix, nioHTTP1,
                nioTLS, nioSSL, logging,
            ]
        ),
        floor(
            "ControlPlane",
            [
                "Addresses", "Planning", "ServiceConfiguration", "Services", "Sockets", "Supervision", hummingbird,
                hummingbirdCore, httpTypes, nioCore, nioPosix, nioHTTP1, logging,
            ],
            // The status page: its bytes become part of the program, which needs no file to show it.
            resources: ["page.html", "page.css", "draw.js", "tree.js", "panels.js", "page.js"].map {
                .embedInCode("Page/" + $0)
            }
        ),
        floor(
            "Daemon",
            [
                "Addresses", "CLinux", "ControlPlane", "Planning", "Processes", "ServiceConfiguration", "Services",
                "Sockets", "Supervision", "YAML", nioCore, nioPosix, logging,
            ]
        ),
        .executableTarget(
            name: "supervisor",
            dependencies: ["CWarden", "ControlPlane", "Daemon", "ServiceConfiguration", "Supervision", arguments],
            swiftSettings: settings
        ),
        // Doubles for tests: a clock moved by hand, gates, a journal, scripted services, a kernel that fails.
        .target(
            name: "TestSupport",
            dependencies: ["Addresses", "ScenarioSupport", "Sockets", "Supervision"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        // The real binary, its clients and its peers, for the scenarios; the standard library only.
        .target(name: "ScenarioSupport", path: "Tests/ScenarioSupport", swiftSettings: settings),
        // A main process for tests that kill it, and the image of their wardens.
        .executableTarget(
            name: "WardenRig",
            dependencies: ["CWarden", "Processes", nioCore, nioPosix],
            path: "Tests/WardenRig",
            swiftSettings: settings
        ),
        tests("AddressesTests", ["Addresses"]),
        tests(
            "ControlPlaneTests",
            [
                "Addresses", "ControlPlane", "Planning", "ScenarioSupport", "ServiceConfiguration", "Services",
                "Sockets", "Supervision", "TestSupport", "supervisor", httpTypes, nioCore, nioPosix, logging,
            ],
            exclude: ["Cases", "Golden"]
        ),
        tests(
            "DaemonTests",
            [
                "Addresses", "ControlPlane", "Daemon", "Planning", "Processes", "ServiceConfiguration", "Services",
                "Sockets", "Supervision", "TestSupport", nioCore, nioEmbedded, nioPosix, logging,
            ]
        ),
        tests("PlanningTests", ["Addresses", "Planning", "ServiceConfiguration"]),
        tests("ProcessesTests", ["CWarden", "Processes", "WardenRig", nioCore, nioPosix]),
        tests("Scenarios", ["ScenarioSupport"], exclude: ["Expected"]),
        tests("ServiceConfigurationTests", ["Addresses", "ServiceConfiguration", "YAML"], exclude: ["Cases"]),
        tests(
            "ServicesTests",
            [
                "Addresses", "Processes", "ServiceConfiguration", "Services", "Sockets", "Supervision", "TestSupport",
                "WardenRig", nioCore, nioEmbedded, nioPosix, nioSSL, logging,
            ]
        ),
        tests(
            "SocketsTests",
            [
                "Addresses", "Processes", "ServiceConfiguration", "Services", "Sockets", "Supervision", "TestSupport",
                nioCore, nioEmbedded, nioPosix, logging,
            ]
        ),
        tests("SupervisionRuntimeTests", ["Supervision", "SupervisionRuntime"]),
        tests("SupervisionTests", ["Supervision", "TestSupport"]),
        tests("TidyTests", [], exclude: ["Exceptions.txt"]),
        tests("YAMLTests", ["YAML"]),
    ],
    swiftLanguageModes: [.v6]
)
