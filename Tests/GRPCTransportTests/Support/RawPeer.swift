import Foundation

@testable import GRPCTransport

/// Accepts connections on loopback, says its words and closes; without words it stays silent.
final class RawPeer: Sendable {
    let target: Target
    private let descriptor: Int32
    private let isAccepting: Bool

    init(says words: String?) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptor = listener
        let port = try bindToLoopback(listener)
        target = .tcp(host: "127.0.0.1", port: port)
        guard listen(listener, 16) == 0 else {
            throw EchoServer.Failure(description: "listen: \(errno)")
        }
        isAccepting = words != nil
        guard let words else { return }
        Thread.detachNewThread {
            // Closed by whoever accepts on it: closed elsewhere, its number may be another peer's
            // by the time this thread accepts again.
            defer { close(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                let text = Array(words.utf8)
                send(connection, text, text.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
        }
    }

    /// Ends the accepting thread, too.
    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        if !isAccepting { close(descriptor) }
    }
}

/// Binds to a port of the system's choice.
func bindToLoopback(_ descriptor: Int32) throws -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, length) == 0
                && getsockname(descriptor, address, &length) == 0
        }
    }
    guard isBound else { throw EchoServer.Failure(description: "no port: \(errno)") }
    return UInt16(bigEndian: address.sin_port)
}
