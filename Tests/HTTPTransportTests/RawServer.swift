import Foundation
import Glibc
import Platform

/// Accepts connections on loopback and treats each as it is told, byte for byte.
final class RawServer: Sendable {
    struct Failure: Error {}
    enum Step: Sendable {
        /// Reads until the request's end: head, and a body of its announced length.
        case read
        case say(String)
        case close
        case reset
        /// Until the server goes.
        case hold
    }
    let port: UInt16
    private let listener: Int32
    private let heard = Locked<[String]>([])
    private let held = Locked<[Int32]>([])

    var requests: [String] { heard.withLock { $0 } }
    var base: String { "http://127.0.0.1:\(port)" }

    /// - Parameter script: What is done with the n-th connection; the last one goes on for further ones.
    init(_ script: [[Step]]) throws {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        listener = descriptor
        port = try bindToLoopback(descriptor)
        guard listen(descriptor, 64) == 0 else { throw Failure() }
        Thread.detachNewThread { [heard, held] in
            // Closed by whoever accepts on it: closed elsewhere, its number may be another
            // server's by the time this thread accepts again, and take that one's connections.
            defer { close(descriptor) }
            var count = 0
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                let steps = script[min(count, script.count - 1)]
                count += 1
                Thread.detachNewThread { Self.serve(connection, steps, heard, held) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in held.withLock({ $0 }) { close(connection) }
    }

    private static func serve(
        _ connection: Int32, _ steps: [Step], _ heard: Locked<[String]>, _ held: Locked<[Int32]>
    ) {
        for step in steps {
            switch step {
            case .read:
                let text = request(on: connection)
                heard.withLock { $0.append(text) }
            case .say(let text):
                let bytes = Array(text.utf8)
                var sent = 0
                while sent < bytes.count {
                    let count = bytes.withUnsafeBytes {
                        send(
                            connection, $0.baseAddress.map { $0 + sent }, bytes.count - sent,
                            Int32(MSG_NOSIGNAL))
                    }
                    guard count > 0 else { break }
                    sent += count
                }
            case .close: break
            case .reset:
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size)
                )
            case .hold:
                held.withLock { $0.append(connection) }
                return
            }
        }
        close(connection)
    }

    private static func request(on connection: Int32) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        /// Of the whole request, once its head is there; the head is looked at once.
        var end = Int.max
        while bytes.count < end, recv(connection, &byte, 1, 0) == 1 {
            bytes.append(byte)
            guard end == .max, bytes.suffix(4) == [13, 10, 13, 10] else { continue }
            let head = String(decoding: bytes, as: UTF8.self)
            let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
            end = bytes.count + length
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func linger(l_onoff: Int32, l_linger: Int32) -> Glibc.linger {
        Glibc.linger(l_onoff: l_onoff, l_linger: l_linger)
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
    guard isBound else { throw RawServer.Failure() }
    return UInt16(bigEndian: address.sin_port)
}
