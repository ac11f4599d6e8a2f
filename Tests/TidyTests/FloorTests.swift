import Foundation
import Testing

@Suite(.timeLimit(.minutes(1)))
struct FloorTests {
    /// These floors decide in values: the kernel and the C library are out of their reach.
    private static let pureFloors: Set = ["Addresses", "YAML", "Supervision", "ServiceConfiguration", "Planning"]

    /// What each floor may import, read from the manifest.
    private static let floors: [String: Set<String>] = {
        let manifest = SourceTree.text("Package.swift")
        var products: [String: String] = [:]
        for match in manifest.matches(of: /let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/) {
            products[String(match.1)] = String(match.2)
        }
        var floors: [String: Set<String>] = [:]
        let declarations = /(?:floor\(|executableTarget\(\s*name:)\s*"(\w+)",\s*(?:dependencies: )?\[([^\]]*)\]/
        for match in manifest.matches(of: declarations) {
            let words = match.2.matches(of: /\w+/).map { String($0.0) }
            floors[String(match.1)] = Set(words.map { products[$0] ?? $0 })
        }
        return floors
    }()

    @Test
    func `a floor imports only what the manifest gives it`() {
        #expect(Self.floors.count >= 10)
        for file in SourceTree.sources {
            let floor = String(file.path.split(separator: "/")[1])
            guard let allowed = Self.floors[floor] else {
                Issue.record("\(file.path) belongs to no floor of Package.swift")
                continue
            }
            var system: Set = Self.pureFloors.contains(floor) ? ["Synchronization"] : ["Synchronization", "Glibc"]
            // JSON that is also read; the part of Foundation that brings no ICU.
            if floor == "ControlPlane" { system.insert("FoundationEssentials") }
            for line in Code(file.text).lines where line.contains("import ") {
                let statement = /^\s*(?:@\w+ )*(?:public |package |internal |private )?import (?:[a-z]+ )?(\w+)/
                guard let match = line.firstMatch(of: statement) else { continue }
                let name = String(match.1)
                #expect(allowed.union(system).contains(name), "\(file.path) imports \(name)")
            }
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["SUPERVISOR_BINARY"] != nil))
    func `the release binary does not link Foundation`() throws {
        let binary = try #require(ProcessInfo.processInfo.environment["SUPERVISOR_BINARY"])
        let ldd = Process()
        ldd.executableURL = URL(fileURLWithPath: "/usr/bin/ldd")
        ldd.arguments = [binary]
        let output = Pipe()
        ldd.standardOutput = output
        try ldd.run()
        let libraries = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        ldd.waitUntilExit()
        #expect(ldd.terminationStatus == 0)
        #expect(libraries.contains("libc.so"))
        #expect(!libraries.contains("Foundation") && !libraries.contains("libswift"))
    }
}
