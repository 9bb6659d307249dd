namespace Millpond.Resp;

/// <summary>
/// Hears a subscription. Between a gap and the next <see cref="OnLive"/> messages may be lost, and nothing ever brings them back: whatever depends on them must be looked at anew. No gap
/// is kept secret.
/// </summary>
/// <remarks>The methods are called one at a time, in order, on the thread that receives: they must be quick, must not wait, and must not throw.</remarks>
public interface IRespSubscriber
{
    /// <summary>A message, or a changed key.</summary>
    /// <param name="channel">The channel that it was published to; empty for a tracked key. Valid during the call.</param>
    /// <param name="message">The message, or the key. Valid during the call.</param>
    void OnMessage(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message);

    /// <summary>The server, or each of them, has confirmed the subscription: whatever is sent from now on is heard.</summary>
    void OnLive();

    /// <summary>From some moment before now until the next <see cref="OnLive"/>, messages may be lost.</summary>
    /// <param name="cause">Why.</param>
    void OnGap(RespException cause);
}
