import CZlib
import Ports

/// Unpacks gzip members, one behind the other, from another source.
final class GzipSource: ByteSource {
    private let source: any ByteSource
    private let path: String
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableRawBufferPointer
    private var isInMember = true
    private var isOver = false
    /// Compressed bytes taken so far, for messages.
    private var offset = 0

    init(_ source: any ByteSource, path: String) {
        self.source = source
        self.path = path
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = host_zlib_inflate_init_gzip(stream)
        precondition(result == Z_OK, "zlib cannot start: out of memory")
        input = .allocate(byteCount: 64 * 1024, alignment: 16)
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int {
        guard let base = buffer.baseAddress, !isOver else { return 0 }
        stream.pointee.next_out = base.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: buffer.count)
        let room = Int(stream.pointee.avail_out)
        while stream.pointee.avail_out == UInt32(room) {
            if stream.pointee.avail_in == 0, try !refill() {
                guard !isInMember else {
                    throw failure("the gzip file is cut short", "copy or download it again")
                }
                isOver = true
                return 0
            }
            if !isInMember, try !beginMember() { return 0 }
            try inflateSome()
        }
        return room - Int(stream.pointee.avail_out)
    }

    var fraction: Double {
        progress.fraction(taken - refilled, of: offset - refilled, after: source.fraction)
    }
    private var progress = BlockProgress()
    /// Compressed bytes before those in hand.
    private var refilled = 0
    private var taken: Int { offset - Int(stream.pointee.avail_in) }

    private func inflateSome() throws(FeedError) {
        switch inflate(stream, Z_NO_FLUSH) {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isInMember = false
        default:
            let words = stream.pointee.msg.map { String(cString: $0) } ?? "unknown reason"
            throw failure("the gzip file is damaged: \(words)", "copy or download it again")
        }
    }

    /// Zeros behind a member are padding; another member may follow; anything else is damage.
    ///
    /// - Returns: False at the end.
    private func beginMember() throws(FeedError) -> Bool {
        while true {
            while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
                stream.pointee.next_in += 1
                stream.pointee.avail_in -= 1
            }
            if stream.pointee.avail_in > 0 { break }
            guard try refill() else {
                isOver = true
                return false
            }
        }
        guard stream.pointee.next_in.pointee == 0x1F else {
            throw failure("something else follows the gzip data", "copy or download it again")
        }
        inflateReset(stream)
        isInMember = true
        return true
    }

    private func refill() throws(FeedError) -> Bool {
        progress.begin(at: source.fraction)
        refilled = offset
        let count = try source.read(into: input)
        offset += count
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(count)
        return count > 0
    }

    private func failure(_ what: String, _ advice: String) -> FeedError {
        FeedError("\(what), at byte \(taken)", at: path, advice: advice)
    }
}
