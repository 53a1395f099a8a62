public import TradingModel

/// A result that stands as its source's say on a desk: what rounds and sizing ask of it.
public struct Vote: Hashable, Sendable {
    public let key: VoteKey
    public let side: Side
    public let size: Size
    public let limit: Price?
    public let confidence: Confidence
    public let input: Attachment.Input
    public let quantity: Quantity
    public let addsToPosition: Bool
    /// By the clock of the events; `distantFuture` where a candle ends it.
    public let expires: Timestamp
    public init(
        signal: borrowing Signal, input: Attachment.Input, quantity: Quantity,
        addsToPosition: Bool, expires: Timestamp
    ) {
        key = signal.key
        side = signal.result.action == .buy ? .buy : .sell
        size = signal.result.size
        limit = signal.result.limit
        confidence = signal.result.confidence
        self.input = input
        self.quantity = quantity
        self.addsToPosition = addsToPosition
        self.expires = expires
    }
    public var source: SourceID { key.source }
    public var position: EventPosition { key.position }
}
