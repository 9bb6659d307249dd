namespace Millpond.Resp;

/// <summary>What kind of deployment the endpoints belong to.</summary>
public enum RespMode
{
    /// <summary>Found out: sentinels if a service name is given, else whatever the first endpoint says it is.</summary>
    Auto,

    /// <summary>One node. Further endpoints are tried if the first does not answer.</summary>
    Single,

    /// <summary>A cluster.</summary>
    Cluster,

    /// <summary>Sentinels that watch a primary.</summary>
    Sentinel,
}
