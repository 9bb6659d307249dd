namespace Millpond.Resp.Connections;

/// <summary>Hears what a server sends unasked, on the receiving thread.</summary>
internal interface IPushReceiver
{
    /// <summary>Whether a frame that is no push by its type is one all the same, as on a RESP2 connection that subscribes.</summary>
    bool IsPush(RespReader frame);

    /// <summary>Must be quick, and must not throw.</summary>
    void OnPush(ref RespReader frame);
}
