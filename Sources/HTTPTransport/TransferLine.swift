import CCurl
import Platform

typealias HTTPContinuation = CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>

/// The way from the callers to the loop's thread, and what wakes it.
final class TransferLine: Sendable {
    enum Order: Sendable {
        case start(UInt64, HTTPRequest, HTTPContinuation)
        case cancel(UInt64)
    }
    private struct State {
        var orders: [Order] = []
        var lastID: UInt64 = 0
        /// With the loop, or on the way to it.
        var underWay: Set<UInt64> = []
        /// Cancelled before they were posted.
        var cancelledEarly: Set<UInt64> = []
        var isClosed = false
        var multi: MultiPointer?
    }
    private let state = Locked(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Any thread. What cannot be taken is answered at once.
    func start(_ id: UInt64, _ request: HTTPRequest, _ continuation: HTTPContinuation) {
        let refusal = state.withLock { state -> HTTPError? in
            func refused(_ code: HTTPError.Code, _ words: String) -> HTTPError {
                HTTPError(code, isCertainlyNotSent: true, words)
            }
            if state.cancelledEarly.contains(id) { return refused(.cancelled, "it was cancelled") }
            if state.isClosed { return refused(.unavailable, "the client is closed") }
            if state.underWay.count >= capacity {
                return refused(.unavailable, "too many requests at a time")
            }
            state.underWay.insert(id)
            state.orders.append(.start(id, request, continuation))
            state.multi?.wake()
            return nil
        }
        if let refusal { continuation.resume(returning: .failure(refusal)) }
    }

    /// Any thread, at any time before ``forget(_:)``.
    func cancel(_ id: UInt64) {
        state.withLock { state in
            if state.underWay.contains(id) {
                state.orders.append(.cancel(id))
                state.multi?.wake()
            } else {
                state.cancelledEarly.insert(id)
            }
        }
    }

    /// The caller has its answer.
    func forget(_ id: UInt64) { state.withLock { _ = $0.cancelledEarly.remove(id) } }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.multi?.wake()
        }
    }

    // MARK: The loop's thread

    func take() -> (orders: [Order], isClosed: Bool) {
        state.withLock { state in
            defer { state.orders = [] }
            return (state.orders, state.isClosed)
        }
    }

    func ended(_ id: UInt64) { state.withLock { _ = $0.underWay.remove(id) } }

    /// Lets callers wake the loop; `nil` before it frees its handle.
    func connect(_ multi: MultiPointer?) { state.withLock { $0.multi = multi } }
}

/// libcurl's multi handle, lent for waking its thread.
struct MultiPointer {
    let raw: UnsafeMutableRawPointer
    func wake() { curl_multi_wakeup(raw) }
}

// Safe because curl_multi_wakeup is the one call that libcurl allows from any thread, and the line
// makes it under its lock, behind which the pointer is taken back before it is freed.
extension MultiPointer: @unchecked Sendable {}
