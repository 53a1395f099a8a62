import CMicroHTTPD
import Glibc
import Platform

/// An HTTP/1.1 server over libmicrohttpd: one thread of its own carries every connection.
///
/// What is no sound request never reaches the handler: no or several `Host`, a length beside a
/// transfer encoding,
/// a body beyond the limit, an address that is not text. Plain HTTP, so this machine only.
package final class HTTPServer: Sendable {
    private let desk: ServerDesk
    private let daemon: ServerDaemon
    package let port: UInt16

    /// - Parameter handler: Called on the server's thread with each whole request; must not block.
    ///   It may answer
    ///   there, or later from any thread.
    package init(
        _ settings: HTTPServerSettings = HTTPServerSettings(),
        handler: @escaping @Sendable (HTTPServerRequest, HTTPResponder) -> Void
    ) throws(HTTPServerError) {
        desk = ServerDesk(settings, handler)
        daemon = try ServerDaemon(settings, desk)
        port = daemon.port
    }

    deinit { close() }

    /// Drops what is under way, frees the port. Blocks until the thread has ended; harmless when
    /// repeated.
    package func close() {
        desk.close()
        daemon.stop()
    }
}

package struct HTTPServerSettings: Sendable {
    /// 0: any that is free.
    package var port: UInt16
    /// Every address of the machine instead of 127.0.0.1. There is no TLS: only behind something
    /// that has it.
    package var isOpenToAll: Bool
    /// Bytes of a request's body; a longer one is refused with 413.
    package var body: Int
    package var connections: Int
    /// After which a connection that says or takes nothing is closed.
    package var idleSeconds: Int

    package init(
        port: UInt16 = 0, isOpenToAll: Bool = false, body: Int = 64 * 1024,
        connections: Int = 1_000, idleSeconds: Int = 60
    ) {
        self.port = port
        self.isOpenToAll = isOpenToAll
        self.body = body
        self.connections = connections
        self.idleSeconds = idleSeconds
    }
}

package struct HTTPServerError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

/// Owns the daemon and stops it once.
private final class ServerDaemon {
    private let raw: OpaquePointer
    private let isStopped = Locked(false)
    let port: UInt16

    init(_ settings: HTTPServerSettings, _ desk: ServerDesk) throws(HTTPServerError) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = settings.port.bigEndian
        address.sin_addr.s_addr = UInt32(settings.isOpenToAll ? 0 : 0x7F00_0001).bigEndian
        let flags =
            MHD_USE_AUTO_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        // Unretained: the server holds both, and stops the daemon before it lets go of the desk.
        let context = Unmanaged.passUnretained(desk).toOpaque()
        errno = 0
        let started = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                host_mhd_start(
                    UInt32(flags), $0, takeRequest, endRequest, context,
                    UInt32(clamping: settings.connections), 32 * 1024,
                    UInt32(clamping: settings.idleSeconds))
            }
        }
        guard let started else {
            throw HTTPServerError(
                description: "port \(settings.port) cannot be served: \(systemMessage(errno))")
        }
        raw = started
        port = host_mhd_port(started)
    }

    func stop() {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        if isFirst { MHD_stop_daemon(raw) }
    }
}

// Safe because libmicrohttpd lets any thread but its own stop a daemon, and `isStopped` lets one
// do it.
extension ServerDaemon: @unchecked Sendable {}

private func takeRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ url: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?, _ bytes: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let url, let method, let count, let slot else { return .NO }
    let desk = Unmanaged<ServerDesk>.fromOpaque(context).takeUnretainedValue()
    guard let known = slot.pointee else {
        let exchange = ServerExchange(desk, connection, method: method, url: url)
        // Released by endRequest, which libmicrohttpd calls once for every request with a slot.
        slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
        return exchange.begin() ? .YES : .NO
    }
    let exchange = Unmanaged<ServerExchange>.fromOpaque(known).takeUnretainedValue()
    guard count.pointee == 0 else {
        let isTaken = exchange.take(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
        count.pointee = 0
        return isTaken ? .YES : .NO
    }
    return exchange.proceed() ? .YES : .NO
}

private func endRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ why: MHD_RequestTerminationCode
) {
    guard let slot, let known = slot.pointee else { return }
    slot.pointee = nil
    Unmanaged<ServerExchange>.fromOpaque(known).takeRetainedValue().end()
}
