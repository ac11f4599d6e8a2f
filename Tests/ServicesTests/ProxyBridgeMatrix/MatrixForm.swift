/// How the client asks.
enum MatrixForm: String, Sendable {
    case connect = "CONNECT"
    case get = "GET"
    case post = "POST"
    case upgrade = "ws"
}
