import Addresses
import NIOCore
import TestSupport
import Testing

@testable import ControlPlane

extension EndpointTests {
    @Suite
    struct EndpointLimitTests {
        private static let follow = "GET /v1/events?follow=1 HTTP/1.1\r\nHost: x\r\n\r\n"

        @Test(arguments: ["Content-Length: 1073741824\r\n", "Transfer-Encoding: chunked\r\n"])
        func `a large body is refused without reading it`(framing: String) async throws {
            try await EndpointRig.control { rig in
                let (answer, sent) = try await EndpointClient(address: rig.address).connect { stream in
                    try await stream.send("POST /v1/reload HTTP/1.1\r\nHost: x\r\n\(framing)\r\n")
                    let block = String(repeating: "x", count: 65_536)
                    let chunk = framing.hasPrefix("C") ? block : "10000\r\n\(block)\r\n"
                    var sent = 0
                    do {
                        while sent < 1 << 30 {
                            try await stream.send(chunk)
                            sent += block.utf8.count
                        }
                    } catch {
                        // The daemon has had enough.
                    }
                    return (EndpointClient.Answer(try await stream.read()), sent)
                }
                #expect(sent < 16 << 20, "\(sent) bytes were taken")
                #expect(answer.status == 413 && answer.body.contains("\"too-much\""), "\(answer)")
                #expect(rig.steering.asked == [])
            }
        }

        @Test
        func `a body is refused, because nobody would heed it`() async throws {
            try await EndpointRig.control { rig in
                let text = try await EndpointClient(address: rig.address).connect { stream in
                    try await stream.send("POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345")
                    return try await stream.read(until: "\"version\":1}")
                }
                #expect(text.contains(" 400 ") && text.contains("cannot take a body: send none"), "\(text)")
                #expect(rig.steering.asked.isEmpty)
            }
        }

        @Test
        func `half a head has a limited time, and others are answered meanwhile`() async throws {
            var limits = EndpointLimits.control
            limits.request = .seconds(1)
            try await EndpointRig.control(limits: limits) { rig in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<50 {
                        group.addTask {
                            try await EndpointClient(address: rig.address).connect { stream in
                                try await stream.send("GET /v1/status HT")
                                return try await stream.read()
                            }
                        }
                    }
                    let answer = try await EndpointClient(address: rig.address).ask("GET", "/v1/status")
                    #expect(answer.status == 200)
                    for try await text in group { #expect(text == "") }
                }
            }
        }

        @Test(arguments: ["garbage\r\n\r\n", "GET /v1/status HTTP/1.1\r\nHost : x\r\n\r\n"])
        func `what is no HTTP is refused and closed`(text: String) async throws {
            var limits = EndpointLimits.control
            limits.linger = .milliseconds(100)
            try await EndpointRig.control(limits: limits) { rig in
                let answer = try await EndpointClient(address: rig.address).connect { stream in
                    try await stream.send(text)
                    return EndpointClient.Answer(try await stream.read())
                }
                #expect(answer.status == 400)
            }
        }

        @Test(arguments: ["localhost", "rebound.example"])
        func `a request with two hosts is refused`(second: String) async throws {
            try await EndpointRig.status { rig in
                let client = EndpointClient(address: rig.address)
                let answer = try await client.ask("GET", "/v1/status", host: "localhost", "Host: \(second)\r\n")
                #expect(answer.status == 400)
                #expect(answer.body.contains("two Host fields"))
            }
        }

        @Test
        func `a line without an end is bounded`() async throws {
            try await EndpointRig.control { rig in
                let sent = try await EndpointClient(address: rig.address).connect { stream in
                    try await stream.send("GET /")
                    let block = String(repeating: "x", count: 65_536)
                    var sent = 0
                    do {
                        while sent < 1 << 30 {
                            try await stream.send(block)
                            sent += block.utf8.count
                        }
                    } catch {
                        // The daemon has had enough.
                    }
                    return sent
                }
                #expect(sent < 16 << 20)
            }
        }

        @Test
        func `a connection that rests leaves its place when there are many`() async throws {
            var limits = EndpointLimits.control
            limits.resting = 1
            try await EndpointRig.control(limits: limits) { rig in
                let ask = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
                try await EndpointClient(address: rig.address).connect { first in
                    try await first.send(ask)
                    try await first.read(until: "ok\n")
                    let text = try await EndpointClient(address: rig.address).connect { second in
                        try await second.send(ask)
                        return try await second.read()
                    }
                    #expect(text.contains("Connection: close") || text.contains("connection: close"))
                    #expect(text.hasSuffix("ok\n"))
                    try await first.send(ask)
                    try await first.read(until: "ok\n")
                }
            }
        }

        @Test
        func `a connection that says nothing is closed as a request that does not come`() async throws {
            var limits = EndpointLimits.control
            limits.request = .milliseconds(100)
            try await EndpointRig.control(limits: limits) { rig in
                let text = try await EndpointClient(address: rig.address).connect { try await $0.read() }
                #expect(text.isEmpty)
            }
        }

        @Test
        func `an idle connection is closed`() async throws {
            var limits = EndpointLimits.control
            limits.idle = .seconds(1)
            try await EndpointRig.control(limits: limits) { rig in
                let text = try await EndpointClient(address: rig.address).connect { stream in
                    try await stream.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                    return try await stream.read()
                }
                #expect(text.hasSuffix("ok\n"))
            }
        }

        @Test
        func `a follower that does not read is cut, and others are answered meanwhile`() async throws {
            var limits = EndpointLimits.control
            limits.stall = .seconds(2)
            limits.followers = 1
            try await EndpointRig.control(limits: limits) { rig in
                // Far more than the buffers of the kernel hold.
                rig.steering.record(1_000, text: String(repeating: "x", count: 4_096))
                let client = EndpointClient(address: rig.address)
                try await client.connect { stalled in
                    try await stalled.send(Self.follow)
                    try await stalled.read(until: "200 OK")
                    let other = try await client.ask("GET", "/v1/status")
                    #expect(other.status == 200)
                    // The place of the stalled follower becomes free; until then there is none for another.
                    var answer = try await client.ask("GET", "/v1/events?follow=1")
                    #expect(answer.status == 429 && answer.body.contains("\"too-much\""))
                    while rig.openConnections() > 0 { try await Turn.next() }
                    rig.steering.events.close()
                    answer = try await client.ask("GET", "/v1/events?follow=1")
                    #expect(answer.status == 200)
                }
            }
        }

        @Test
        func `a drain closes what is idle, ends what follows, and lets a request finish`() async throws {
            try await EndpointRig.control(ScriptedSteering(isHeld: true)) { rig in
                let client = EndpointClient(address: rig.address)
                rig.steering.record(1)
                async let reload = client.ask("POST", "/v1/reload")
                await rig.steering.arrived.pass()
                try await client.connect { idle in
                    try await idle.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                    try await idle.read(until: "ok\n")
                    try await client.connect { follower in
                        try await follower.send(Self.follow)
                        try await follower.read(until: "\"sequence\":1")
                        await rig.drain()
                        let followed = try await follower.read()
                        #expect(followed.hasSuffix("\r\n0\r\n\r\n"))
                        let rest = try await idle.read()
                        #expect(rest.hasSuffix("ok\n"))
                    }
                }
                while rig.openConnections() > 1 { try await Turn.next() }
                rig.steering.gate.open()
                let answer = try await reload
                #expect(answer.status == 200)
            }
        }
    }
}
