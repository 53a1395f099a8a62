import Ports
import Testing

@testable import Notifications

/// A chat that has moved: its new number holds for it alone.
@Suite struct OutboxAddressTests {
    private static func phone(_ chat: String) -> OutboxDestination {
        OutboxBench.plan("phone", origin: OutboxDestination.origin(of: chat))
    }

    /// Group -5 has become -1005, and a message waits.
    private static func moved() -> OutboxBench {
        var bench = OutboxBench(phone("-5"))
        bench.offer(1, to: "phone", at: 0)
        _ = bench.send(at: 0, .moved(to: "-1005"))
        return bench
    }

    @Test func theNewNumberIsUsedAtOnceAndOutlivesAStart() throws {
        var bench = Self.moved()
        let notices = bench.notices()
        #expect(notices == [.moved("phone")])
        for records in [bench.records, bench.outbox.snapshot] {
            var next = try OutboxBench(Self.phone("-5"), from: records, at: 1)
            let address = next.address(at: 1)
            #expect(address == "-1005")
        }
        let address = bench.address(at: 1)
        #expect(address == "-1005")
    }

    @Test func anotherChatOfTheConfigurationIsBelieved() throws {
        let bench = Self.moved()
        for records in [bench.records, bench.outbox.snapshot] {
            var next = try OutboxBench(Self.phone("-7"), from: records, at: 1)
            let address = next.address(at: 1)
            #expect(address == nil, "its own number")
            let rewritten = next.outbox.snapshot
            #expect(!rewritten.contains { if case .moved = $0 { true } else { false } })
        }
        // Both have moved: each has the number of its own.
        let other = OutboxRecord.moved(
            "phone", address: "-1007", of: OutboxDestination.origin(of: "-7"))
        let both = bench.records + [other]
        var old = try OutboxBench(Self.phone("-5"), from: both, at: 1)
        var new = try OutboxBench(Self.phone("-7"), from: both, at: 1)
        let addresses = [old.address(at: 1), new.address(at: 1)]
        #expect(addresses == ["-1005", "-1007"])
    }

    /// Nobody knows for which chat it was meant: the old one tells its number again.
    @Test func aRecordWithoutItsChatChangesNothing() throws {
        let records = Self.moved().records.map { record in
            if case .moved(let name, let address, _) = record {
                return OutboxRecord.moved(name, address: address, of: nil)
            }
            return record
        }
        #expect(records.contains(.moved("phone", address: "-1005", of: nil)))
        for chat in ["-5", "-7"] {
            var next = try OutboxBench(Self.phone(chat), from: records, at: 1)
            let address = next.address(at: 1)
            #expect(address == nil)
        }
        var again = try OutboxBench(Self.phone("-5"), from: records, at: 1)
        _ = again.send(at: 2, .moved(to: "-1005"))
        let address = again.address(at: 2)
        #expect(address == "-1005")
    }

    @Test func digestsAreTheSameInEveryStartAndApart() {
        #expect(OutboxDestination.origin(of: "-5") == OutboxDestination.origin(of: "-5"))
        let chats = ["", "-5", "-7", "5", "@channel", "-1001234567890"]
        #expect(Set(chats.map { OutboxDestination.origin(of: $0) }).count == chats.count)
    }
}
