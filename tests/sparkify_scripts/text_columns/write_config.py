"""What the notebook does once the cluster is available: it writes endpoint and role into dwh.cfg."""
import configparser

config = configparser.ConfigParser()
config.read('dwh.cfg')
config.set('CLUSTER', 'HOST', '127.0.0.1')
config.set('IAM_ROLE', 'ARN', "'arn:aws:iam::123456789012:role/dwhRole'")
with open('dwh.cfg', 'w') as file:
    config.write(file)
