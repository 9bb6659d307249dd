namespace Millpond.Resp;

/// <summary>Who the client says it is.</summary>
/// <param name="User">The ACL user; null for the default user.</param>
/// <param name="Password">The password.</param>
/// <param name="RenewAfter">When these will have to be asked for again; null: when a connection is made.</param>
public sealed record RespCredentials(string? User, string Password, TimeSpan? RenewAfter = null)
{
    /// <summary>Without the password.</summary>
    /// <returns>The user's name.</returns>
    public override string ToString() => User ?? "default";
}
