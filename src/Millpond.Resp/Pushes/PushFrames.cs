namespace Millpond.Resp.Pushes;

/// <summary>What a frame on a subscribing connection says, by its first word.</summary>
internal enum PushWord
{
    Other,
    Message,
    PatternMessage,
    ShardedMessage,
    Subscribed,
    PatternSubscribed,
    ShardedSubscribed,
    ShardedUnsubscribed,
    Invalidate,
}

/// <summary>Tells frames on a subscribing connection apart.</summary>
internal static class PushFrames
{
    public static PushWord WordOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("message"u8) ? PushWord.Message
        : word.SequenceEqual("smessage"u8) ? PushWord.ShardedMessage
        : word.SequenceEqual("pmessage"u8) ? PushWord.PatternMessage
        : word.SequenceEqual("invalidate"u8) ? PushWord.Invalidate
        : word.SequenceEqual("subscribe"u8) ? PushWord.Subscribed
        : word.SequenceEqual("psubscribe"u8) ? PushWord.PatternSubscribed
        : word.SequenceEqual("ssubscribe"u8) ? PushWord.ShardedSubscribed
        : word.SequenceEqual("sunsubscribe"u8) ? PushWord.ShardedUnsubscribed
        : PushWord.Other;

    /// <summary>The older protocol has no type for pushes: there they are arrays with one of these words in front, which no reply to what we send there has.</summary>
    public static bool IsOldPush(RespReader frame)
    {
        if (frame.Type != RespType.Array || frame.Count < 3)
        {
            return false;
        }

        frame.ReadNext();
        return WordOf(frame.Bytes) != PushWord.Other || frame.Bytes.EndsWith("unsubscribe"u8);
    }
}
