/// What a stream knows between events, as a value: the lock is the stream's.
struct StreamState: ~Copyable {
    typealias Waiter = CheckedContinuation<Void, Never>

    /// A message that nobody has taken yet.
    var arrived: InMessage?
    /// A receive is under way, or has found the end.
    var isReceiving = false
    var reader: Waiter?

    /// Behind the message being written, in order.
    var waiting: [RawMessage] = []
    var isWriting = false
    /// Nothing more may be sent.
    var isFinishing = false
    /// The server is being told so.
    var hasFinished = false
    var writers: [Waiter] = []

    var status: RPCStatus?
    var watchers: [Waiter] = []

    deinit { for message in waiting { message.destroy() } }

    func room(_ capacity: Int) -> ClientStream.Offer {
        guard status == nil, !isFinishing else { return .closed }
        return waiting.count + (isWriting ? 1 : 0) < capacity ? .taken : .full
    }

    /// Whether the end of our messages is to be told now; true once.
    mutating func closesNow() -> Bool {
        guard isFinishing, !hasFinished, !isWriting, waiting.isEmpty, status == nil else {
            return false
        }
        hasFinished = true
        return true
    }
}
