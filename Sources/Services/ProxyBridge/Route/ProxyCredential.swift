import NIOCore
import ServiceConfiguration

/// The Proxy-Authorization field for an upstream, made once for a snapshot; printing it gives `***`.
struct ProxyCredential: Hashable, Sendable {
    private let value: Secret

    init(_ credential: Credential) {
        let pair = credential.username.reveal { name in credential.password.reveal { Array("\(name):\($0)".utf8) } }
        value = Secret("Basic " + Base64.text(of: pair))
    }

    func writeField(into buffer: inout ByteBuffer) {
        value.reveal { text in _ = buffer.writeString("Proxy-Authorization: \(text)\r\n") }
    }
}
