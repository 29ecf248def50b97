"""A certificate authority for one play, and the certificates it gives."""
import os
import subprocess


def _openssl(*arguments):
    done = subprocess.run(("openssl",) + arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(arguments)}:\n{done.stdout}")


class Authority:
    """`file` is the CA's certificate; `folder` holds it under its hash too, for libraries that want a folder."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "ca")
        os.makedirs(self.folder)
        self.file = os.path.join(self.folder, "ca.pem")
        self._key = os.path.join(self.folder, "ca.key")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=the CA of one play", "-keyout", self._key, "-out", self.file,
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        _openssl("rehash", self.folder)

    def certificate(self, folder, *names):
        """Paths of certificate, key, and both in one file, for a server with these DNS names and 127.0.0.1."""
        path = os.path.join(folder, "server")
        alternatives = ",".join([f"DNS:{name}" for name in names] + ["IP:127.0.0.1"])
        with open(path + ".ext", "w", encoding="utf-8") as f:
            f.write(f"subjectAltName={alternatives}\nextendedKeyUsage=serverAuth,clientAuth\n")
        _openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={names[0]}",
                 "-keyout", path + ".key", "-out", path + ".csr")
        _openssl("x509", "-req", "-in", path + ".csr", "-CA", self.file, "-CAkey", self._key, "-CAcreateserial",
                 "-days", "2", "-extfile", path + ".ext", "-out", path + ".crt")
        with open(path + ".pem", "w", encoding="utf-8") as both:
            for part in (".crt", ".key"):
                with open(path + part, encoding="utf-8") as f:
                    both.write(f.read())
        return path + ".crt", path + ".key", path + ".pem"

    def client(self, folder, name, *accounts):
        """Paths of certificate and key, for a client with these bare JIDs (XEP-0178)."""
        path = os.path.join(folder, name)
        with open(path + ".ext", "w", encoding="utf-8") as f:
            if accounts:
                f.write("subjectAltName=" + ",".join(f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{jid}" for jid in accounts) + "\n")
            f.write("extendedKeyUsage=clientAuth\n")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", path + ".key", "-out", path + ".csr")
        _openssl("x509", "-req", "-in", path + ".csr", "-CA", self.file, "-CAkey", self._key, "-CAcreateserial",
                 "-days", "2", "-extfile", path + ".ext", "-out", path + ".crt")
        return path + ".crt", path + ".key"
