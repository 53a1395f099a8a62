import CCurl
import Platform

/// The thread's work: owns the multi handle and every transfer on it.
struct TransferLoop {
    private let line: TransferLine
    private let settings: HTTPSettings
    private let multi: UnsafeMutableRawPointer
    private var transfers: [UInt64: Transfer] = [:]

    /// Begins libcurl once for the process.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    static func run(_ line: TransferLine, _ settings: HTTPSettings) {
        precondition(isReady, "libcurl cannot begin")
        guard let multi = curl_multi_init() else { preconditionFailure("no memory for libcurl") }
        var loop = TransferLoop(line: line, settings: settings, multi: multi)
        host_curl_multi_setopt_long(
            multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, settings.connections)
        line.connect(MultiPointer(raw: multi))
        loop.work()
        line.connect(nil)
        curl_multi_cleanup(multi)
    }

    private init(line: TransferLine, settings: HTTPSettings, multi: UnsafeMutableRawPointer) {
        self.line = line
        self.settings = settings
        self.multi = multi
    }

    private mutating func work() {
        while true {
            let (orders, isClosed) = line.take()
            for order in orders { carryOut(order) }
            if isClosed { break }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collect()
            // Returns for a socket, a wake-up, or libcurl's own next timer, whichever is first.
            curl_multi_poll(multi, nil, 0, 60_000, nil)
        }
        let gone = HTTPError(.unavailable, isCertainlyNotSent: false, "the client was closed")
        for id in transfers.keys.sorted() { end(id, .failure(gone)) }
    }

    private mutating func carryOut(_ order: TransferLine.Order) {
        switch order {
        case .start(let id, let request, let continuation): start(id, request, continuation)
        case .cancel(let id):
            guard let transfer = transfers[id] else { return }  // it has its answer
            end(id, .failure(transfer.cancelled))
        }
    }

    private mutating func start(
        _ id: UInt64, _ request: HTTPRequest, _ continuation: HTTPContinuation
    ) {
        do throws(HTTPError) {
            let transfer = try Transfer(id, request, settings, continuation)
            guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                throw HTTPError(.unavailable, isCertainlyNotSent: true, "libcurl took no request")
            }
            transfers[id] = transfer
        } catch {
            line.ended(id)
            continuation.resume(returning: .failure(error))
        }
    }

    private mutating func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle
            else { continue }
            let result = host_curl_message_result(message)
            guard let id = Transfer.id(of: handle), let transfer = transfers[id] else { continue }
            end(id, transfer.answer(result))
        }
    }

    private mutating func end(_ id: UInt64, _ result: Result<HTTPResponse, HTTPError>) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        // libcurl holds the transfer's memory until here.
        curl_multi_remove_handle(multi, transfer.handle)
        line.ended(id)
        transfer.continuation.resume(returning: result)
    }
}
