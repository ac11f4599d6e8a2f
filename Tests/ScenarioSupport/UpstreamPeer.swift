/// A real proxy that wants a credential.
package protocol UpstreamPeer: AnyObject {
    var port: UInt16 { get }
    /// The status that the proxy itself gives to a wrong credential.
    var refusal: Int { get }
    /// Makes another password the only valid one; returns when the proxy serves again.
    func rotate(to password: String) throws
    func stop()
}
