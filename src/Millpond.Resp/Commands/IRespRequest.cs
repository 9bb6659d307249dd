namespace Millpond.Resp;

/// <summary>
/// A command and the reader of its reply. Make it a readonly structure: it is kept by value, so that sending it allocates nothing, and written again if it must
/// be sent again.
/// </summary>
/// <typeparam name="TResult">What its reply becomes.</typeparam>
public interface IRespRequest<out TResult>
{
    /// <summary>The command's name for messages and metrics, such as <c>GET</c>. One of few: it becomes a metric's tag.</summary>
    string Name { get; }

    /// <summary>What the client may do with it.</summary>
    RespTraits Traits { get; }

    /// <summary>The slot of its key: <see cref="RespSlot.Of(ReadOnlySpan{byte})"/>, or <see cref="RespSlot.Any"/>. Asked only in a cluster.</summary>
    int Slot { get; }

    /// <summary>Writes exactly one command. It is called on the caller's thread, and again on any other if the command must be sent again.</summary>
    /// <param name="writer">Where to.</param>
    void Write(ref RespWriter writer);

    /// <summary>
    /// Makes the result. It is called on the thread that receives, so it must be quick and must not wait; what it throws, the caller gets. An error as the
    /// whole reply never comes here: it is thrown to the caller.
    /// </summary>
    /// <param name="reader">Stands on the reply's first element. Its bytes are gone when this returns.</param>
    /// <returns>The result.</returns>
    TResult Read(ref RespReader reader);
}
