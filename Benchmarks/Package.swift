// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "supervisor", path: "..")],
    targets: [
        .executableTarget(
            name: "MillionTasks",
            dependencies: [
                .product(name: "Supervision", package: "supervisor"),
                .product(name: "SupervisionRuntime", package: "supervisor"),
            ],
            swiftSettings: settings
        )
    ],
    swiftLanguageModes: [.v6]
)
