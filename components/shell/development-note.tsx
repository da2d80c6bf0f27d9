/** On every page while it is on: whoever runs the command line certifies identities of development zones. */
export function DevelopmentNote() {
  return (
    <>
      <br />
      <span title="sallyport certs issue certifies identities of development zones; gateways take these certificates there alone. DEV_CA=off switches it off.">
        Development certificates are on
      </span>
    </>
  );
}
