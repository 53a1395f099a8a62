import HTTPTransport
import Ports
import Testing

@testable import Notifications

/// What an answer means, by its status and its body alone.
@Suite struct ChannelAnswerTests {
    private typealias Kind = ChannelTests.Kind

    private func answer(_ status: Int, _ body: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [], body: Array(body.utf8))
    }

    private func telegram(_ status: Int, _ words: String) -> Delivery {
        TelegramChannel.delivery(
            of: answer(
                status, #"{"ok":false,"error_code":\#(status),"description":"\#(words)"}"#))
    }

    private func discord(_ status: Int, code: Int, _ words: String = "no") -> Delivery {
        DiscordChannel.delivery(
            of: answer(status, #"{"code":\#(code),"message":"\#(words)"}"#))
    }

    /// Only then is it of use to change the words.
    @Test(arguments: [
        "Bad Request: can't parse entities: Unclosed start tag at byte offset 0",
        "Bad Request: message is too long", "Bad Request: MESSAGE_TOO_LONG",
        "Bad Request: message text is empty", "Bad Request: text is empty",
        "Bad Request: ENTITY_BOUNDS_INVALID",
    ])
    func telegramFindsWordsAtFault(_ words: String) {
        #expect(telegram(400, words) == .contentFault(words))
    }

    /// Known or not: the chat takes nothing, whatever is written, so nothing may be given up for it.
    @Test(arguments: [
        "Bad Request: chat not found", "Bad Request: chat_id is empty",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: have no rights to send a message", "Bad Request: TOPIC_CLOSED",
        "Bad Request: CHAT_WRITE_FORBIDDEN", "Bad Request: CHAT_RESTRICTED",
        "Bad Request: message thread not found", "Bad Request: a word of next year",
    ])
    func telegramRefusesTheChat(_ words: String) {
        #expect(telegram(400, words) == .destinationDead(words))
    }

    @Test func telegramMovesAndIsNotKnown() {
        let moved = answer(
            400, #"{"ok":false,"description":"x","parameters":{"migrate_to_chat_id":-1005}}"#)
        #expect(TelegramChannel.delivery(of: moved) == .moved(to: "-1005"))
        #expect(telegram(400, "") == .destinationDead("HTTP 400"))
    }

    @Test(arguments: [500, 502, 503, 504, 599])
    func anErrorThatIsNotTheServicesOwnMayHideASuccess(_ status: Int) {
        for body in ["", "<html>bad gateway</html>", "{}", "[]", #"{"error":"upstream"}"#] {
            let response = answer(status, body)
            #expect(
                TelegramChannel.delivery(of: response)
                    == .unknownOutcome("an answer that is not Telegram's: HTTP \(status)"))
            #expect(
                DiscordChannel.delivery(of: response)
                    == .unknownOutcome("an answer that is not Discord's: HTTP \(status)"))
        }
        #expect(telegram(status, "restart") == .transient("restart"))
        #expect(discord(status, code: 0, "busy") == .transient("busy"))
    }

    /// A page of somebody else's is no delivery.
    @Test(arguments: [200, 201, 202, 204])
    func aSuccessIsOneOnlyWithTheMessage(_ status: Int) {
        for body in ["", "ok", "<html>Welcome</html>", "{}", #"{"code":0}"#, "[]"] {
            let response = answer(status, body)
            #expect(Kind(TelegramChannel.delivery(of: response)) == .unknown, "\(body)")
            #expect(
                DiscordChannel.delivery(of: response)
                    == .unknownOutcome("an answer that is not Discord's: HTTP \(status)"), "\(body)"
            )
        }
        #expect(
            DiscordChannel.delivery(of: answer(status, #"{"id":"7","content":"x"}"#))
                == .delivered(pause: 0))
        #expect(
            TelegramChannel.delivery(of: answer(status, #"{"ok":true,"result":{}}"#))
                == .delivered(pause: 0))
    }

    /// A firewall's page or an edge's ban kills nothing and gives up nothing.
    @Test(arguments: [400, 401, 403, 404, 405, 408, 413, 418])
    func aRefusalThatIsNotTheServicesOwnIsTriedAgain(_ status: Int) {
        for body in ["", "<html>Sign in to the network</html>", "{}"] {
            #expect(
                TelegramChannel.delivery(of: answer(status, body))
                    == .transient("an answer that is not Telegram's: HTTP \(status)"))
            #expect(
                DiscordChannel.delivery(of: answer(status, body))
                    == .transient("an answer that is not Discord's: HTTP \(status)"))
        }
    }

    @Test func discordsOwnRefusalsSayWhoIsMeant() {
        #expect(Kind(discord(401, code: 50027)) == .credentialsDead)
        #expect(Kind(discord(404, code: 10015)) == .destinationDead)
        #expect(Kind(discord(403, code: 50013)) == .destinationDead)
        #expect(Kind(discord(400, code: 50006)) == .content)
        #expect(Kind(discord(400, code: 50035)) == .content)
        #expect(Kind(discord(413, code: 40005)) == .content)
        // A forum wants a thread: no words help.
        #expect(Kind(discord(400, code: 220001)) == .destinationDead)
    }

    @Test func discordIsAlwaysAskedForTheMessage() {
        let place = "https://discord.com/api/webhooks/1/x"
        for (webhook, address) in [
            (place, place + "?wait=true"), (place + "?wait=false", place + "?wait=true"),
            (place + "?thread_id=7&wait=0", place + "?thread_id=7&wait=true"),
            (place + "?wait&thread_id=7#top", place + "?thread_id=7&wait=true"),
            (place + "?", place + "?wait=true"),
        ] {
            #expect(DiscordChannel.address(of: webhook) == address)
        }
    }
}
