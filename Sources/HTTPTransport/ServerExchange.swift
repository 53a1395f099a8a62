import CMicroHTTPD
import Glibc
import Platform

/// The requests that wait for their answer, by whom the server's end finds them.
final class ServerDesk: Sendable {
    private struct State {
        var waiting: [ObjectIdentifier: ServerExchange] = [:]
        var isClosed = false
    }
    let settings: HTTPServerSettings
    let handler: @Sendable (HTTPServerRequest, HTTPResponder) -> Void
    private let state = Locked(State())

    init(
        _ settings: HTTPServerSettings,
        _ handler: @escaping @Sendable (HTTPServerRequest, HTTPResponder) -> Void
    ) {
        self.settings = settings
        self.handler = handler
    }

    /// - Returns: Whether the server still runs.
    func suspend(_ exchange: ServerExchange) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting[ObjectIdentifier(exchange)] = exchange
            exchange.suspend()
            return true
        }
    }
    func forget(_ exchange: ServerExchange) {
        state.withLock { _ = $0.waiting.removeValue(forKey: ObjectIdentifier(exchange)) }
    }

    /// libmicrohttpd ends the process when it is stopped while a connection is suspended.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            return Array(state.waiting.values)
        }
        for exchange in waiting { exchange.answer(.nothing) }
    }
}

/// One request from its head to its answer. The server's thread calls it, but for ``answer(_:)``.
final class ServerExchange {
    private enum Stage {
        case reading, waiting, ended
        case answered(HTTPServerAnswer)
    }
    private let desk: ServerDesk
    private let connection: OpaquePointer
    private let method: String
    private let path: String?
    private var headers: [(name: String, value: String)] = []
    private var body: [UInt8] = []
    private let stage = Locked(Stage.reading)

    init(
        _ desk: ServerDesk, _ connection: OpaquePointer, method: UnsafePointer<CChar>,
        url: UnsafePointer<CChar>
    ) {
        self.desk = desk
        self.connection = connection
        self.method = String(cString: method)
        path = String(validatingCString: url)
    }

    // MARK: Reading

    /// Looks at the head.
    ///
    /// - Returns: False: close the connection, as ``take(_:)`` and ``proceed()``.
    func begin() -> Bool {
        headers = values(of: .HEADER_KIND).map { ($0.name, $0.value ?? "") }
        func all(_ name: String) -> [String] {
            headers.filter { $0.name.lowercased() == name }.map(\.value)
        }
        guard path != nil else { return refuse(400, "the address is no text") }
        guard all("host").count == 1 else { return refuse(400, "one Host is needed") }
        let lengths = all("content-length")
        guard lengths.isEmpty || all("transfer-encoding").isEmpty, lengths.count < 2 else {
            return refuse(400, "a length beside another length or a transfer encoding")
        }
        guard lengths.first.map({ (Int($0) ?? .max) <= desk.settings.body }) ?? true else {
            return refuse(413, "at most \(desk.settings.body) bytes are taken")
        }
        return true
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= desk.settings.body else { return false }
        body += bytes
        return true
    }

    func proceed() -> Bool {
        let answer: HTTPServerAnswer? = stage.withLock { stage in
            if case .answered(let answer) = stage { answer } else { nil }
        }
        if let answer { return send(answer) }
        guard desk.suspend(self) else { return false }
        let query = values(of: .GET_ARGUMENT_KIND).map { ($0.name, $0.value ?? "") }
        let request = HTTPServerRequest(
            method: method, path: path ?? "", query: query, headers: headers, body: body)
        desk.handler(request, HTTPResponder(exchange: self))
        return true
    }

    func suspend() {
        stage.withLock { $0 = .waiting }
        MHD_suspend_connection(connection)
    }

    /// Any thread. The connection lives as long as it waits, and is woken once.
    func answer(_ answer: HTTPServerAnswer) {
        let isFirst = stage.withLock { stage in
            guard case .waiting = stage else { return false }
            stage = .answered(answer)
            MHD_resume_connection(connection)
            return true
        }
        if isFirst { desk.forget(self) }
    }

    func end() {
        stage.withLock { $0 = .ended }
        desk.forget(self)
    }

    private func values(of kind: MHD_ValueKind) -> [(name: String, value: String?)] {
        var values: [(name: String, value: String?)] = []
        withUnsafeMutablePointer(to: &values) {
            _ = MHD_get_connection_values(connection, kind, takeValue, $0)
        }
        return values
    }

    // MARK: Answering

    private func refuse(_ status: Int, _ words: String) -> Bool {
        let headers = [("Content-Type", "text/plain"), ("Connection", "close")]
        let body = Array("\(words)\n".utf8)
        return send(.whole(HTTPResponse(status: status, headers: headers, body: body)))
    }

    private func send(_ answer: HTTPServerAnswer) -> Bool {
        let made: OpaquePointer?
        let response: HTTPResponse
        switch answer {
        case .nothing: return false
        case .whole(let whole):
            response = whole
            made = whole.body.withUnsafeBytes {
                MHD_create_response_from_buffer(
                    $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress),
                    .RESPMEM_MUST_COPY)
            }
        case .cut(let whole, let count):
            response = whole
            let part = CutBody(whole.body.prefix(count))
            // Released by freeCutBody, also where nobody reads it.
            made = MHD_create_response_from_callback(
                UInt64(whole.body.count), 4_096, readCutBody,
                Unmanaged.passRetained(part).toOpaque(), freeCutBody)
        }
        guard let made else { return false }
        defer { MHD_destroy_response(made) }
        for (name, value) in response.headers { MHD_add_response_header(made, name, value) }
        return MHD_queue_response(connection, UInt32(clamping: response.status), made) == .YES
    }
}

// Safe because all but `stage` belongs to the server's thread, and libmicrohttpd lets any thread
// resume a
// connection that is suspended, which the lock around `stage` holds true.
extension ServerExchange: @unchecked Sendable {}

/// The beginning of a body whose end never comes.
private final class CutBody {
    let bytes: [UInt8]
    init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }
}

private func readCutBody(
    _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ room: UnsafeMutablePointer<CChar>?,
    _ size: Int
) -> Int {
    guard let context, let room else { return host_mhd_end_with_error() }
    let body = Unmanaged<CutBody>.fromOpaque(context).takeUnretainedValue()
    let rest = body.bytes.dropFirst(Int(clamping: position)).prefix(size)
    guard !rest.isEmpty else { return host_mhd_end_with_error() }
    UnsafeMutableRawBufferPointer(start: room, count: size).copyBytes(from: rest)
    return rest.count
}

private func freeCutBody(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<CutBody>.fromOpaque(context).release() }
}

private func takeValue(
    _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let context, let name else { return .NO }
    context.assumingMemoryBound(to: [(name: String, value: String?)].self).pointee
        .append((String(cString: name), value.map { String(cString: $0) }))
    return .YES
}
