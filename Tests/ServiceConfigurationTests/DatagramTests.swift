import Addresses
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DatagramTests {
    @Test(arguments: [
        ("udp:127.0.0.1:7", "udp:127.0.0.1:7"), ("udp:localhost:7", "udp:127.0.0.1:7"), ("udp:[::1]:7", "udp:[::1]:7"),
        ("udp:0.0.0.0:0", "udp:0.0.0.0:0"),
    ])
    func `an echo takes datagrams`(text: String, address: String) throws {
        let service = try Reading.only("services: {e: {type: echo, listen: '\(text)', watchdog: 5s}}")
        #expect(service.listen.map(\.value.description) == [address])
        #expect(service.watchdog == .seconds(5))
    }

    @Test
    func `a port of UDP is another than that of TCP`() throws {
        let text = """
            services:
              e: {type: echo, listen: ["127.0.0.1:7", "udp:127.0.0.1:7", "udp:[::]:7"]}
              f: {type: forward, listen: "udp:127.0.0.1:8", to: "${service.e.address}"}
              g: {type: forward, listen: "0.0.0.0:8", to: "127.0.0.1:8"}
            """
        #expect(
            Reading.diagnostics(text) == [
                "4:47: cannot relay in a circle: g -> g; choose another destination for `g`"
            ]
        )
        let services = try Reading.configuration(text.replacing("\"127.0.0.1:8\"}", with: "h:8}")).services
        guard case .forward(let forward) = services[1].kind else { throw Reading.Rejected() }
        #expect(forward.to.value == .host("127.0.0.1", port: 7))
    }

    @Test
    func `a circle is one of a single transport`() throws {
        func text(_ first: String, _ second: String) -> String {
            """
            services:
              a: {type: forward, listen: "\(first)127.0.0.1:1", to: 127.0.0.1:2}
              b: {type: forward, listen: "\(second)127.0.0.1:2", to: 127.0.0.1:1}
            """
        }
        #expect(try Reading.configuration(text("udp:", "")).services.count == 2)
        #expect(Reading.diagnostics(text("udp:", "udp:")).count == 1)
        #expect(Reading.diagnostics(text("", "")).count == 1)
    }
}
